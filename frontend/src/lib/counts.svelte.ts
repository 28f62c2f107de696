/** How many videos are in each state: asked once, then kept by the stream, asked again when a change cannot be placed. */

import { api } from './api.ts';
import { FILTERS, type FilterName } from './states.ts';
import type { Counts, VideoState } from './types.ts';
import type { Change } from './videos.svelte.ts';

const ASK_AGAIN_MS = 2_000;

export class CountKeeper {
  #counts = $state<Counts | null>(null);
  #asOf = 0;
  #waiting: unknown = null;

  constructor(
    private readonly ask: () => Promise<{ data: Counts; stream_id: number }>,
    private readonly later: (run: () => void, ms: number) => unknown = (run, ms) => setTimeout(run, ms),
  ) {}

  /** The number behind a filter; null until the first answer. */
  of(filter: FilterName): number | null {
    const counts = this.#counts;
    if (counts === null) return null;
    const states = FILTERS[filter].length === 0 ? (Object.keys(counts) as (keyof Counts)[]) : FILTERS[filter];
    return states.reduce((sum, state) => sum + (counts[state] ?? 0), 0);
  }

  /** The stream id up to which the counts are true; 0 before the first answer. */
  get asOf(): number {
    return this.#asOf;
  }

  async load(): Promise<void> {
    const { data, stream_id } = await this.ask();
    if (stream_id < this.#asOf) {
      this.askAgain();
      return;
    }
    this.#counts = data;
    this.#asOf = stream_id;
  }

  /**
   * The stream told under `id` of a change; null when the store knew better already. One moves from state to state only when
   * the state before is as old as these counts: a later one (from a list) may be counted already. Then the server counts.
   */
  changed(change: Change | null, id: number): void {
    if (this.#counts === null || id <= this.#asOf) return;
    const sure = change?.before !== undefined && change.beforeAsOf !== null && change.beforeAsOf <= this.#asOf;
    this.#asOf = id;
    if (!sure) this.askAgain();
    else if (change.before !== undefined) this.#move(change.before.state, change.after.state);
  }

  /** Soon, and once for many calls. */
  askAgain(): void {
    this.#waiting ??= this.later(() => {
      this.#waiting = null;
      // A failed count is not worth an alarm: the next change asks again.
      this.load().catch(() => undefined);
    }, ASK_AGAIN_MS);
  }

  clear(): void {
    this.#counts = null;
    this.#asOf = 0;
  }

  #move(from: VideoState, to: VideoState): void {
    if (this.#counts === null || from === to) return;
    this.#counts[from] = Math.max(0, (this.#counts[from] ?? 0) - 1);
    this.#counts[to] = (this.#counts[to] ?? 0) + 1;
  }
}

export const counts = new CountKeeper(api.counts);
