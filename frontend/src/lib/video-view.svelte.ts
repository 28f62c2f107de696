/** One video's page: the video itself lives in the store, its assets and timeline here. */

import { readTimeline, type Show } from './api/timeline.ts';
import { api, type Problem } from './api.ts';
import { live, troubleOf } from './live.svelte.ts';
import { session } from './session.svelte.ts';
import { joined, textOf } from './timeline.ts';
import type { StoredAsset, TimelineEntry, Video } from './types.ts';
import { type Change, videos } from './videos.svelte.ts';

/** With any of these there is more to see than the story. */
const SCOPES = ['events:read', 'jobs:read', 'audit:read'];

export class VideoView {
  readonly #id: string;
  assets = $state.raw<StoredAsset[]>([]);
  timeline = $state.raw<TimelineEntry[]>([]);
  retryOf = $state.raw<string | null>(null);
  problem = $state.raw<Problem | null>(null);
  /** Why what was earlier did not come. */
  earlierProblem = $state.raw<Problem | null>(null);
  busy = $state(false);
  #show = $state<Show>('everything');
  #cursor = $state.raw<string | null>(null);
  /** Nothing of what is shown belongs to this filter. */
  #stale = true;
  #round = 0;

  constructor(id: string) {
    this.#id = id;
  }

  get video(): Video | undefined {
    return videos.get(this.#id);
  }

  /** Whether the filter makes a difference for this reader. */
  get hasMore(): boolean {
    return SCOPES.some((scope) => session.may(scope));
  }

  get show(): Show {
    return this.hasMore ? this.#show : 'story';
  }

  set show(show: Show) {
    this.#show = show;
    this.#stale = true;
    void this.load();
  }

  /** The video that was asked for instead of this one. */
  get retriedAs(): string | null {
    const retried = this.timeline.findLast(({ kind }) => kind === 'retried');
    return retried === undefined ? null : textOf(retried, 'as_video');
  }

  get hasEarlier(): boolean {
    return this.#cursor !== null;
  }

  /** Read all of it. A later call makes the answers of an earlier one worthless. Returns whether it went well. */
  async load(): Promise<boolean> {
    const round = ++this.#round;
    try {
      const [detail, page] = await Promise.all([api.video(this.#id), readTimeline(this.#id, this.show)]);
      if (round !== this.#round) return true;
      const { assets, retry_of, stream_id, ...video } = detail;
      videos.put(video, stream_id);
      this.assets = assets;
      this.retryOf = retry_of;
      this.timeline = this.#stale ? page.data : joined(this.timeline, page.data);
      if (this.#stale) this.#cursor = page.next_cursor;
      this.#stale = false;
      this.problem = null;
      this.earlierProblem = null;
      live.start(stream_id);
    } catch (error) {
      if (round === this.#round) this.problem = troubleOf(error);
    }
    return this.problem === null;
  }

  /** Read the page before those that are known. */
  async earlier(): Promise<void> {
    const [cursor, show] = [this.#cursor, this.show];
    if (cursor === null || this.busy || this.#stale) return;
    this.busy = true;
    try {
      const page = await readTimeline(this.#id, show, cursor);
      if (show !== this.show) return;
      this.#cursor = page.next_cursor;
      this.timeline = [...page.data, ...this.timeline];
      this.earlierProblem = null;
    } catch (error) {
      this.earlierProblem = troubleOf(error);
    } finally {
      this.busy = false;
    }
  }

  /** The stream brings the video; what hangs on it has to be read. */
  changed({ after }: Change): void {
    if (after.id === this.#id) void this.load();
  }
}
