/** One list of the board: pages of ids in one order, to which the stream adds. */

import { api, type Problem } from '../api.ts';
import { troubleOf } from '../live.svelte.ts';
import type { Video, VideoPage, VideoState } from '../types.ts';
import { type Change, videos } from '../videos.svelte.ts';
import { ORDERS, type SortName } from './order.ts';
import type { Narrowing } from './query.ts';

/** A board left open on a wall starts over at this many cards, unless somebody asked for the older ones. */
const MOST = 1_500;

export interface ListQuery extends Narrowing {
  /** Empty: all of them. */
  states: readonly VideoState[];
  sort: SortName;
  /** Whether a card leaves as soon as its video is in another state. */
  strict: boolean;
}

export class VideoList {
  #ids = $state.raw<ReadonlySet<string>>(new Set());
  #cursor = $state.raw<string | null>(null);
  #round = 0;
  #paged = false;
  /** What the stream told while the server was being asked: its answer may be older. */
  #heard: Change[] = [];
  loaded = $state(false);
  busy = $state(false);
  problem = $state.raw<Problem | null>(null);

  /** A card stays when its video moves on, unless the list is strict: who watched it run sees it become ready. */
  readonly shown = $derived.by(() =>
    [...this.#ids]
      .map((id) => videos.get(id))
      .filter((video) => video !== undefined)
      .filter((video) => this.#keeps(video))
      .sort(ORDERS[this.query.sort]),
  );

  constructor(readonly query: ListQuery) {}

  get hasMore(): boolean {
    return this.#cursor !== null;
  }

  /**
   * The first page, anew; further pages already shown stay when they still join on. Returns the stream id of the answer,
   * null when there was none.
   */
  load(): Promise<number | null> {
    return this.#ask(null, (page) => {
      const further = this.#joining(page);
      this.#ids = new Set([...page.data, ...further].map((video) => video.id));
      if (further.length === 0) this.#cursor = page.next_cursor;
      this.loaded = true;
    });
  }

  async more(): Promise<void> {
    if (this.#cursor === null || this.busy) return;
    await this.#ask(this.#cursor, (page) => {
      this.#add(page.data);
      this.#cursor = page.next_cursor;
      this.#paged = true;
    });
  }

  /** The stream told of a video: take it in when it belongs on the pages already shown. */
  changed(change: Change): void {
    if (this.busy) this.#heard.push(change);
    const { after } = change;
    if (!this.loaded || this.#ids.has(after.id) || !this.#wants(after)) return;
    const last = this.shown.at(-1);
    if (this.hasMore && last !== undefined && ORDERS[this.query.sort](after, last) > 0) return;
    this.#add([after]);
    if (this.#ids.size > MOST && !this.#paged) void this.load();
  }

  #keeps(video: Video): boolean {
    const { states, strict, subject } = this.query;
    if (subject !== null && video.subject !== subject) return false;
    return !strict || states.length === 0 || states.includes(video.state);
  }

  #wants(video: Video): boolean {
    const { states, late, q } = this.query;
    if (!this.#keeps(video) || (late && !video.late)) return false;
    if (states.length > 0 && !states.includes(video.state)) return false;
    const words = [video.title, video.subject, video.id, video.heygen_video_id];
    return q === '' || words.some((text) => text?.toLowerCase().includes(q.toLowerCase()));
  }

  /** What is shown behind the new first page, if that page reaches down to it without a gap. */
  #joining(page: VideoPage): Video[] {
    const last = page.data.at(-1);
    if (!this.#paged || last === undefined || !this.#ids.has(last.id)) return [];
    return this.shown.filter((video) => ORDERS[this.query.sort](video, last) > 0 && this.#wants(video));
  }

  async #ask(cursor: string | null, take: (page: VideoPage) => void): Promise<number | null> {
    const round = ++this.#round;
    this.busy = true;
    try {
      const { states, q, subject, late, sort } = this.query;
      const page = await api.videos({ states, q, subject, late, sort, cursor });
      if (round !== this.#round) return null;
      videos.putAll(page.data, page.stream_id);
      take(page);
      this.problem = null;
      return page.stream_id;
    } catch (error) {
      if (round === this.#round) this.problem = troubleOf(error);
      return null;
    } finally {
      if (round === this.#round) this.#answered();
    }
  }

  #answered(): void {
    this.busy = false;
    for (const change of this.#heard.splice(0)) this.changed(change);
  }

  #add(more: readonly Video[]): void {
    this.#ids = new Set([...this.#ids, ...more.map((video) => video.id)]);
  }
}
