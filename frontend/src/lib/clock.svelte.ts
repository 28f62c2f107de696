/** One shared moment for every "4 min ago" on the page, so that they change together. */

import { createSubscriber } from 'svelte/reactivity';

const TICK_MS = 10_000;

class Clock {
  #now = Date.now();
  readonly #subscribe = createSubscriber((update) => {
    const moveOn = () => {
      this.#now = Date.now();
      update();
    };
    const timer = setInterval(moveOn, TICK_MS);
    document.addEventListener('visibilitychange', moveOn);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', moveOn);
    };
  });

  get now(): number {
    this.#subscribe();
    return this.#now;
  }
}

export const clock = new Clock();
