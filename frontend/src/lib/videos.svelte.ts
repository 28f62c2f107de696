/** Every video this page knows, once, by id. Lists, single answers and the stream all write here and nowhere else. */

import { SvelteMap } from 'svelte/reactivity';
import { isNewer, merge, type Told, withProgress } from './merge.ts';
import type { Progress, Video } from './types.ts';

export interface Change {
  before: Video | undefined;
  after: Video;
  /** The stream id up to which `before` was sure; null when it was not known by one. */
  beforeAsOf: number | null;
}

export class Videos {
  readonly #told = new SvelteMap<string, Told>();
  /** What is gone, and the stream id that said so: an older list may still hold it. */
  readonly #gone = new Map<string, number>();

  get(id: string): Video | undefined {
    return this.#told.get(id)?.video;
  }

  /** Take one telling in. Returns what changed, or null when we knew better. */
  put(video: Video, asOf: number | null): Change | null {
    const known = this.#told.get(video.id);
    const next: Told = { video, asOf };
    if (!isNewer(next, known) || (asOf ?? 0) < (this.#gone.get(video.id) ?? 0)) return null;
    this.#gone.delete(video.id);
    const told = merge(next, known);
    this.#told.set(video.id, told);
    return { before: known?.video, after: told.video, beforeAsOf: known?.asOf ?? null };
  }

  putAll(videos: readonly Video[], asOf: number): void {
    for (const video of videos) this.put(video, asOf);
  }

  progress(id: string, progress: Progress): void {
    const known = this.#told.get(id);
    const next = withProgress(known, progress);
    if (next !== undefined && next !== known) this.#told.set(id, next);
  }

  /** It was deleted, or is somebody else's now; `asOf` is endless when it cannot come back. */
  remove(id: string, asOf: number): void {
    this.#gone.set(id, asOf);
    this.#told.delete(id);
  }

  clear(): void {
    this.#told.clear();
    this.#gone.clear();
  }
}

export const videos = new Videos();
