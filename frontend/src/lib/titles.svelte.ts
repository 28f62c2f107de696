/** The videos that jobs are about: a job knows only their ids. What the board has read already is not read again. */

import { SvelteSet } from 'svelte/reactivity';
import { api } from './api.ts';
import { live, troubleOf } from './live.svelte.ts';
import { videos } from './videos.svelte.ts';

/** From here on one list of those that need somebody saves most single questions. */
const MANY = 4;
const AT_ONCE = 4;
const PAGE = 200;

class Titles {
  readonly #gone = new SvelteSet<string>();
  readonly #asked = new Set<string>();

  constructor() {
    live.onForget(() => {
      this.#gone.clear();
      this.#asked.clear();
    });
  }

  /** Whether there is no such video any more. */
  isGone(id: string): boolean {
    return this.#gone.has(id);
  }

  /** Read those that nobody has read yet. A failure only means that they are asked for again with the next list. */
  async want(ids: readonly string[]): Promise<void> {
    const missing = this.#missing(ids);
    for (const id of missing) this.#asked.add(id);
    try {
      if (missing.length > MANY) await readTroubled();
      const rest = missing.filter((id) => videos.get(id) === undefined);
      await Promise.all(Array.from({ length: AT_ONCE }, () => this.#readAll(rest)));
    } catch (error) {
      troubleOf(error);
    } finally {
      for (const id of missing) this.#asked.delete(id);
    }
  }

  #missing(ids: readonly string[]): string[] {
    const isMissing = (id: string) => !videos.get(id) && !this.#gone.has(id) && !this.#asked.has(id);
    return [...new Set(ids)].filter(isMissing);
  }

  /** Several of these share one list and take from its end. */
  async #readAll(ids: string[]): Promise<void> {
    for (let id = ids.pop(); id !== undefined; id = ids.pop()) await this.#read(id);
  }

  async #read(id: string): Promise<void> {
    try {
      const { assets: _assets, stream_id, ...video } = await api.video(id);
      videos.put(video, stream_id);
    } catch (error) {
      if (troubleOf(error).status !== 404) throw error;
      this.#gone.add(id);
    }
  }
}

async function readTroubled(): Promise<void> {
  const page = await api.videos({ states: ['unarchived', 'failed'], limit: PAGE });
  videos.putAll(page.data, page.stream_id);
}

export const titles = new Titles();
