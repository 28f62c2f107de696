/** One video's page: the video itself lives in the store, its assets and timeline here. */

import { api, type Problem } from './api.ts';
import { live, troubleOf } from './live.svelte.ts';
import type { StoredAsset, TimelineEntry, Video } from './types.ts';
import { type Change, videos } from './videos.svelte.ts';

export class VideoView {
  readonly #id: string;
  assets = $state.raw<StoredAsset[]>([]);
  timeline = $state.raw<TimelineEntry[]>([]);
  problem = $state.raw<Problem | null>(null);
  #round = 0;

  constructor(id: string) {
    this.#id = id;
  }

  get video(): Video | undefined {
    return videos.get(this.#id);
  }

  /** Read all of it. A later call makes the answers of an earlier one worthless. */
  async load(): Promise<void> {
    const round = ++this.#round;
    try {
      const [detail, timeline] = await Promise.all([api.video(this.#id), api.timeline(this.#id)]);
      if (round !== this.#round) return;
      const { assets, stream_id, ...video } = detail;
      videos.put(video, stream_id);
      this.assets = assets;
      this.timeline = timeline.data;
      this.problem = null;
      live.start(stream_id);
    } catch (error) {
      if (round === this.#round) this.problem = troubleOf(error);
    }
  }

  /** The stream brings the video; what hangs on it has to be read. */
  changed({ after }: Change): void {
    if (after.id === this.#id) void this.load();
  }
}
