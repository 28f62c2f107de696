/** The newest refused requests of one filter, and the counts of its window; read again and again. */

import { type Rejection, type RejectionCounts, rejectionApi } from './api/rejections.ts';
import type { Problem } from './api.ts';
import { troubleOf } from './live.svelte.ts';
import type { Asked } from './polled.svelte.ts';
import { type RejectionFilter, sinceOf } from './rejections.ts';

const PAGE = 50;
/** As many as the server gives at once. */
const MOST = 200;

export class RejectionList implements Asked<readonly Rejection[]> {
  shown = $state.raw<readonly Rejection[]>([]);
  counts = $state.raw<RejectionCounts | null>(null);
  loaded = $state(false);
  hasOlder = $state(false);
  loadingOlder = $state(false);
  problem = $state.raw<Problem | null>(null);
  #wanted = $state(PAGE);
  #round = 0;

  constructor(
    readonly filter: RejectionFilter,
    private readonly ask: Pick<typeof rejectionApi, 'list' | 'counts'> = rejectionApi,
    private readonly now: () => number = Date.now,
  ) {}

  /** What is shown, once it is known. */
  get value(): readonly Rejection[] | null {
    return this.loaded ? this.shown : null;
  }

  get isFull(): boolean {
    return this.#wanted >= MOST;
  }

  /** Whether it went well. What cannot be read leaves what was known. */
  async load(): Promise<boolean> {
    const round = ++this.#round;
    const { window, reason, remote } = this.filter;
    const since = new Date(sinceOf(window, this.now())).toISOString();
    try {
      const [page, counts] = await Promise.all([
        this.ask.list({ reason, remote }, this.#wanted),
        this.ask.counts(since),
      ]);
      if (round !== this.#round) return true;
      this.shown = page.data;
      this.hasOlder = page.next_cursor !== null;
      this.counts = counts;
      this.loaded = true;
      this.problem = null;
    } catch (error) {
      if (round === this.#round) this.problem = troubleOf(error);
    }
    return this.problem === null;
  }

  async older(): Promise<void> {
    if (!this.hasOlder || this.isFull || this.loadingOlder) return;
    this.#wanted = Math.min(MOST, this.#wanted + PAGE);
    this.loadingOlder = true;
    await this.load();
    this.loadingOlder = false;
  }
}
