/** The HeyGen account's earlier videos, page by page, and bringing them here: some of them, or all. */

import { SvelteSet } from 'svelte/reactivity';
import { type Earlier, type EarlierPage, type Made, newVideos } from '../api/new-videos.ts';
import type { Problem } from '../api.ts';
import { troubleOf } from '../live.svelte.ts';
import { kept } from './fields.ts';
import { randomKey } from './random.ts';
import { newRow, Sending, type SendingRow } from './sending.svelte.ts';

export interface Ask {
  page: (cursor: string | null) => Promise<EarlierPage>;
  bring: (video: Earlier, subject: string) => Promise<Made>;
}

export class ImportList {
  entries = $state.raw<Earlier[]>([]);
  loaded = $state(false);
  busy = $state(false);
  problem = $state.raw<Problem | null>(null);
  /** All pages are being gone through. */
  all = $state(false);
  subject = '';
  readonly chosen = new SvelteSet<string>();
  readonly sending: Sending<Earlier>;
  readonly hasMore = $derived.by(() => this.#cursor !== null);
  readonly #results = $derived.by(() => new Map(this.sending.rows.map((row) => [row.key, row])));
  #cursor = $state<string | null>(null);

  constructor(private readonly ask: Ask = HEYGEN) {
    this.sending = new Sending((video) => this.ask.bring(video, this.subject));
  }

  /** Ours, as far as is known: it was here when the page was read, or was brought since. */
  videoId(entry: Earlier): string | null {
    return entry.video_id ?? this.row(entry)?.videoId ?? null;
  }

  row(entry: Earlier): SendingRow<Earlier> | undefined {
    return this.#results.get(entry.heygen_video_id);
  }

  /** Whether it can be ticked: it is not here, and not on its way. */
  isOpen(entry: Earlier): boolean {
    return this.videoId(entry) === null && ['failed', undefined].includes(this.row(entry)?.state);
  }

  async load(): Promise<boolean> {
    this.entries = [];
    this.#cursor = null;
    return this.more();
  }

  /** The next page. Returns whether it came. */
  async more(): Promise<boolean> {
    if (this.busy) return false;
    this.busy = true;
    try {
      const { data, next_cursor } = await this.ask.page(this.#cursor);
      // A video made meanwhile moves the pages on: what is known already is not shown twice.
      const known = new Set(this.entries.map(({ heygen_video_id }) => heygen_video_id));
      this.entries = [...this.entries, ...data.filter(({ heygen_video_id }) => !known.has(heygen_video_id))];
      this.#cursor = next_cursor;
      this.problem = null;
      this.loaded = true;
    } catch (error) {
      this.problem = troubleOf(error);
    } finally {
      this.busy = false;
    }
    return this.problem === null;
  }

  /** Tick all that are not here and did not fail at HeyGen; those can be ticked one by one. */
  chooseAll(): void {
    for (const entry of this.#wanted()) this.chosen.add(entry.heygen_video_id);
  }

  /** Bring what is ticked. */
  async bring(): Promise<void> {
    this.#enqueue(this.entries.filter((entry) => this.chosen.has(entry.heygen_video_id) && this.isOpen(entry)));
    this.chosen.clear();
    await this.sending.run();
  }

  /** Go on with what waits, then with every further page, until the end or until it is stopped. */
  async bringAll(): Promise<void> {
    this.all = true;
    for (;;) {
      this.#enqueue(this.#wanted());
      await this.sending.run();
      if (!this.all || this.sending.trouble !== null || !this.hasMore || !(await this.more())) break;
    }
    this.all = false;
  }

  stop(): void {
    this.all = false;
    this.sending.stop();
  }

  #wanted(): Earlier[] {
    return this.entries.filter((entry) => entry.status !== 'failed' && this.isOpen(entry) && !this.row(entry));
  }

  #enqueue(entries: readonly Earlier[]): void {
    const again = new Set(entries.map(({ heygen_video_id }) => heygen_video_id));
    this.sending.rows = this.sending.rows.filter(({ key }) => !again.has(key));
    this.sending.add(entries.map((entry) => newRow(entry.heygen_video_id, entry)));
  }
}

/** By its own id, which the server knows again: a second try makes no second video, so any key will do. */
export function bring(id: string, title: string, subject: string, store = ''): Promise<Made> {
  return newVideos.create({ heygen_video_id: id, ...kept({ title, subject, store }) }, randomKey());
}

const HEYGEN: Ask = {
  page: newVideos.earlier,
  bring: (video, subject) => bring(video.heygen_video_id, [...(video.title ?? '')].slice(0, 200).join(''), subject),
};
