/** What one filter of the board shows: pages of ids, newest first, to which the stream adds. */

import { api, type Problem } from './api.ts';
import { live, troubleOf } from './live.svelte.ts';
import { byNewest } from './merge.ts';
import { FILTERS, type FilterName, matches } from './states.ts';
import type { Video, VideoPage } from './types.ts';
import { type Change, videos } from './videos.svelte.ts';

/** A board left open on a wall starts over at this many cards, unless somebody asked for the older ones. */
const MOST = 300;

export class Board {
  readonly filter: FilterName;
  readonly q: string;
  #ids = $state.raw<ReadonlySet<string>>(new Set());
  #cursor = $state.raw<string | null>(null);
  #round = 0;
  #paged = false;
  loaded = $state(false);
  busy = $state(false);
  problem = $state.raw<Problem | null>(null);

  constructor(filter: FilterName, q: string) {
    this.filter = filter;
    this.q = q;
  }

  /** A card stays where it is when its video moves on: who watched it run sees it become ready. */
  get shown(): Video[] {
    return [...this.#ids]
      .map((id) => videos.get(id))
      .filter((video) => video !== undefined)
      .sort(byNewest);
  }

  get hasOlder(): boolean {
    return this.#cursor !== null;
  }

  /** The first page, anew. Older pages already shown stay when they still join on. */
  async load(): Promise<void> {
    await this.#ask(null, (page) => {
      const older = this.#joining(page);
      this.#ids = new Set([...page.data, ...older].map((video) => video.id));
      if (older.length === 0) this.#cursor = page.next_cursor;
      this.loaded = true;
      live.start(page.stream_id);
    });
  }

  async older(): Promise<void> {
    if (this.#cursor === null || this.busy) return;
    await this.#ask(this.#cursor, (page) => {
      this.#add(page.data);
      this.#cursor = page.next_cursor;
      this.#paged = true;
    });
  }

  /** The stream told of a video: take it in when it belongs on the pages already shown. */
  changed({ after }: Change): void {
    if (!this.loaded || this.#ids.has(after.id) || this.q !== '' || !matches(this.filter, after.state)) return;
    const oldest = this.shown.at(-1);
    if (this.hasOlder && oldest !== undefined && byNewest(after, oldest) > 0) return;
    this.#add([after]);
    if (this.#ids.size > MOST && !this.#paged) void this.load();
  }

  /** What is shown below the new first page, if that page reaches down to it without a gap. */
  #joining(page: VideoPage): Video[] {
    const last = page.data.at(-1);
    if (!this.#paged || last === undefined || !this.#ids.has(last.id)) return [];
    return this.shown.filter((video) => byNewest(video, last) > 0 && matches(this.filter, video.state));
  }

  async #ask(cursor: string | null, take: (page: VideoPage) => void): Promise<void> {
    const round = ++this.#round;
    this.busy = true;
    try {
      const page = await api.videos({ states: FILTERS[this.filter], q: this.q, cursor });
      if (round !== this.#round) return;
      videos.putAll(page.data, page.stream_id);
      take(page);
      this.problem = null;
    } catch (error) {
      if (round === this.#round) this.problem = troubleOf(error);
    } finally {
      if (round === this.#round) this.busy = false;
    }
  }

  #add(more: readonly Video[]): void {
    this.#ids = new Set([...this.#ids, ...more.map((video) => video.id)]);
  }
}

/** Boards already looked at, so that coming back shows them at once, where they were. */
class Boards {
  readonly #kept = new Map<string, Board>();

  constructor() {
    live.onForget(() => this.#kept.clear());
  }

  get(filter: FilterName, q: string): Board {
    const key = `${filter} ${q}`;
    const kept = this.#kept.get(key);
    // Searches come and go; only the last few are worth keeping.
    this.#kept.delete(key);
    const board = kept ?? new Board(filter, q);
    this.#kept.set(key, board);
    const first = this.#kept.keys().next().value;
    if (this.#kept.size > 6 && first !== undefined) this.#kept.delete(first);
    return board;
  }
}

export const boards = new Boards();
