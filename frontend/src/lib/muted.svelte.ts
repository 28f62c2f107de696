/** The videos that this person wants to hear nothing of: the same on the board, in a menu and on a video's page. */

import { type Preferences, preferencesApi } from './api/preferences.ts';
import { live } from './live.svelte.ts';

/** What a test replaces. */
export interface MutingServer {
  read(): Promise<Pick<Preferences, 'muted_videos'>>;
  mute(videoId: string): Promise<void>;
  unmute(videoId: string): Promise<void>;
}

export class MutedVideos {
  #ids = $state.raw<ReadonlySet<string> | null>(null);
  #turns = 0;

  constructor(private readonly server: MutingServer = preferencesApi) {}

  /** Null as long as nobody knows. */
  has(videoId: string): boolean | null {
    return this.#ids?.has(videoId) ?? null;
  }

  async load(): Promise<void> {
    const before = this.#turns;
    const { muted_videos: ids } = await this.server.read();
    // What was asked before something was turned may not know of it.
    if (before === this.#turns) this.#ids = new Set(ids);
  }

  async turn(videoId: string, mute: boolean): Promise<void> {
    await (mute ? this.server.mute(videoId) : this.server.unmute(videoId));
    this.#turns += 1;
    if (this.#ids === null) return;
    const others = [...this.#ids].filter((id) => id !== videoId);
    this.#ids = new Set(mute ? [...others, videoId] : others);
  }

  forget(): void {
    this.#ids = null;
  }
}

export const mutedVideos = new MutedVideos();
live.onForget(() => mutedVideos.forget());
