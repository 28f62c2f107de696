/** How many videos are in each state: asked once, then kept by the stream, asked again when a change cannot be placed. */

import { api } from './api.ts';
import { isNarrowed, type Narrowing } from './board/query.ts';
import { FILTERS, type FilterName } from './states.ts';
import type { Counts, VideoState } from './types.ts';
import type { Change } from './videos.svelte.ts';

const ASK_AGAIN_MS = 2_000;
const ALL: Narrowing = { q: '', subject: null, late: false };

export class CountKeeper {
  #counts = $state<Counts | null>(null);
  #asOf = 0;
  #waiting: unknown = null;
  #narrowing = ALL;

  constructor(
    private readonly ask: (narrowing: Narrowing) => Promise<{ data: Counts; stream_id: number }>,
    private readonly later: (run: () => void, ms: number) => unknown = (run, ms) => setTimeout(run, ms),
  ) {}

  /** The number behind a filter; null until the first answer. */
  of(filter: FilterName): number | null {
    return this.ofStates(FILTERS[filter]);
  }

  /** Those of some states; of all when none is named. */
  ofStates(named: readonly VideoState[]): number | null {
    const counts = this.#counts;
    if (counts === null) return null;
    const states = named.length === 0 ? (Object.keys(counts) as VideoState[]) : named;
    return states.reduce((sum, state) => sum + (counts[state] ?? 0), 0);
  }

  ofState(state: VideoState): number | null {
    return this.#counts?.[state] ?? null;
  }

  /** Count only these from here on; what was counted before is shown until the answer comes. */
  narrow(narrowing: Narrowing): void {
    this.#narrowing = narrowing;
    this.#asOf = 0;
  }

  /** The stream id up to which the counts are true; 0 before the first answer. */
  get asOf(): number {
    return this.#asOf;
  }

  async load(): Promise<void> {
    const narrowing = this.#narrowing;
    const { data, stream_id } = await this.ask(narrowing);
    if (narrowing !== this.#narrowing) return;
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
    // Whether a narrowed list had it, or has it now, only the server can say.
    const sure =
      !isNarrowed(this.#narrowing) &&
      change?.before !== undefined &&
      change.beforeAsOf !== null &&
      change.beforeAsOf <= this.#asOf;
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
