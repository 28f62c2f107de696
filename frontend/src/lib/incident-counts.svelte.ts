/** How many incidents are open, for the badge that says something is wrong. */

import { incidentApi } from './api/incidents.ts';
import { live, troubleOf } from './live.svelte.ts';

class IncidentCountKeeper {
  #open = $state(0);

  constructor() {
    live.onForget(() => {
      this.#open = 0;
    });
  }

  get open(): number {
    return this.#open;
  }

  /** Whether it went well. A count that fails is not worth an alarm: the last one stays. */
  async load(): Promise<boolean> {
    try {
      this.#open = (await incidentApi.counts()).data.open;
      return true;
    } catch (error) {
      troubleOf(error);
      return false;
    }
  }
}

export const incidentCounts = new IncidentCountKeeper();
