/** The newest of what knocked, for one filter: older ones on demand, and while it is live, what comes. */

import { deliveryApi } from './api/deliveries.ts';
import { type Rejection, rejectionApi } from './api/rejections.ts';
import type { List, Problem } from './api.ts';
import { type DeliveryFilter, isOfEvents, joined, type Knock, merged, queryOf } from './deliveries.ts';
import { troubleOf } from './live.svelte.ts';
import type { Asked } from './polled.svelte.ts';
import type { InboxEvent } from './types.ts';

const PAGE = 50;
/** A list that is left open begins anew at this many. */
const MOST = 1_000;
const NOTHING = { data: [], next_cursor: null };

interface Ask {
  events: typeof deliveryApi.events;
  refused: typeof rejectionApi.page;
}

export class DeliveryList implements Asked<readonly Knock[]> {
  #events = $state.raw<readonly InboxEvent[]>([]);
  #refused = $state.raw<readonly Rejection[]>([]);
  #eventCursor = $state.raw<string | null>(null);
  #refusedCursor = $state.raw<string | null>(null);
  loaded = $state(false);
  busy = $state(false);
  problem = $state.raw<Problem | null>(null);
  /** What came while the list was open. */
  readonly fresh = new Set<string>();
  #round = 0;

  constructor(
    readonly filter: DeliveryFilter,
    private readonly mayReadRefused: boolean,
    private readonly ask: Ask = { events: deliveryApi.events, refused: rejectionApi.page },
  ) {}

  readonly shown: Knock[] = $derived(
    merged({
      events: this.#events,
      moreEvents: this.#eventCursor !== null,
      refused: this.#refused,
      moreRefused: this.#refusedCursor !== null,
    }),
  );

  /** What is shown, once it is known. */
  get value(): readonly Knock[] | null {
    return this.loaded ? this.shown : null;
  }

  get hasOlder(): boolean {
    return this.#eventCursor !== null || this.#refusedCursor !== null;
  }

  /** The newest page. What was shown before stays below it, as long as nothing can be missing between. */
  async load(): Promise<boolean> {
    const round = ++this.#round;
    try {
      const [events, refused] = await Promise.all([this.#readEvents(null), this.#readRefused(null)]);
      if (round === this.#round) this.#take(events, refused);
    } catch (error) {
      if (round === this.#round) this.problem = troubleOf(error);
    }
    return this.problem === null;
  }

  async older(): Promise<void> {
    if (this.busy || !this.hasOlder) return;
    this.busy = true;
    const round = ++this.#round;
    try {
      const [events, refused] = await Promise.all([
        this.#eventCursor === null ? NOTHING : this.#readEvents(this.#eventCursor),
        this.#refusedCursor === null ? NOTHING : this.#readRefused(this.#refusedCursor),
      ]);
      if (round !== this.#round) return;
      this.#events = [...this.#events, ...events.data];
      this.#refused = [...this.#refused, ...refused.data];
      this.#eventCursor = events.next_cursor;
      this.#refusedCursor = refused.next_cursor;
    } catch (error) {
      if (round === this.#round) this.problem = troubleOf(error);
    } finally {
      this.busy = false;
    }
  }

  #take(events: List<InboxEvent>, refused: List<Rejection>): void {
    const known = new Set([...this.#events, ...this.#refused].map(({ id }) => id));
    const full = known.size > MOST;
    const [allEvents, allRefused] = [
      full ? null : joined(this.#events, events.data),
      full ? null : joined(this.#refused, refused.data),
    ];
    if (allEvents === null || this.#events.length === 0) this.#eventCursor = events.next_cursor;
    if (allRefused === null || this.#refused.length === 0) this.#refusedCursor = refused.next_cursor;
    if (this.loaded) {
      for (const { id } of [...events.data, ...refused.data]) if (!known.has(id)) this.fresh.add(id);
    }
    this.#events = allEvents ?? events.data;
    this.#refused = allRefused ?? refused.data;
    this.loaded = true;
    this.problem = null;
  }

  async #readEvents(cursor: string | null): Promise<List<InboxEvent>> {
    if (this.filter.show === 'refused') return NOTHING;
    return this.ask.events(queryOf(this.filter), cursor, PAGE);
  }

  async #readRefused(cursor: string | null): Promise<List<Rejection>> {
    const { show, since, until } = this.filter;
    if (!this.mayReadRefused || show === 'events' || isOfEvents(this.filter)) return NOTHING;
    return this.ask.refused({ since, until }, cursor, PAGE);
  }
}
