/** Which groups of the board this device keeps folded. */

import { SvelteSet } from 'svelte/reactivity';
import type { VideoState } from '../types.ts';

const KEY = 'reelhook.board.folded';

type Store = Pick<Storage, 'getItem' | 'setItem'>;

export class Folded {
  readonly #states = new SvelteSet<string>();

  constructor(private readonly store: () => Store) {
    for (const state of this.#read()) this.#states.add(state);
  }

  has(state: VideoState): boolean {
    return this.#states.has(state);
  }

  toggle(state: VideoState): void {
    if (!this.#states.delete(state)) this.#states.add(state);
    try {
      this.store().setItem(KEY, JSON.stringify([...this.#states]));
    } catch {
      // A full or forbidden storage only means that it is forgotten with the page.
    }
  }

  #read(): string[] {
    try {
      const states: unknown = JSON.parse(this.store().getItem(KEY) ?? '[]');
      return Array.isArray(states) ? states.filter((state) => typeof state === 'string') : [];
    } catch {
      return [];
    }
  }
}

export const folded = new Folded(() => localStorage);
