/** One answer of the server, asked for again and again while somebody looks at it. */

import type { Problem } from './api.ts';
import { troubleOf } from './live.svelte.ts';
import { Poll } from './poll.ts';

/** What is known, null at first, and why it could not be read the last time. */
export interface Asked<T> {
  readonly value: T | null;
  readonly problem: Problem | null;
  load(): Promise<boolean>;
}

export class Polled<T> implements Asked<T> {
  value = $state.raw<T | null>(null);
  problem = $state.raw<Problem | null>(null);

  constructor(
    private readonly ask: () => Promise<T>,
    private readonly everyMs = 15_000,
  ) {}

  /** Ask once. Returns whether it went well; what was known before stays. */
  async load(): Promise<boolean> {
    try {
      this.value = await this.ask();
      this.problem = null;
    } catch (error) {
      this.problem = troubleOf(error);
    }
    return this.problem === null;
  }

  /** Ask at once, then on and on. Returns how to stop. */
  start(): () => void {
    return new Poll(() => this.load(), this.everyMs).start();
  }
}
