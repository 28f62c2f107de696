/** How many jobs are in each state, for the tabs and for the badge that says somebody is needed. */

import { api } from './api.ts';
import { live, troubleOf } from './live.svelte.ts';
import type { JobCounts } from './types.ts';

class JobCountKeeper {
  #counts = $state.raw<JobCounts | null>(null);

  constructor() {
    live.onForget(() => {
      this.#counts = null;
    });
  }

  of(name: keyof JobCounts): number | null {
    return this.#counts?.[name] ?? null;
  }

  /** Whether it went well. A count that fails is not worth an alarm: the last one stays. */
  async load(): Promise<boolean> {
    try {
      this.#counts = (await api.jobCounts()).data;
      return true;
    } catch (error) {
      troubleOf(error);
      return false;
    }
  }
}

export const jobCounts = new JobCountKeeper();
