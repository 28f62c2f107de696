/** The last updates this tab took in, for tabs of the same browser that began from an older list. */

import type { Notification } from './api/notifications.ts';
import type { DeletedVideo, Video } from './types.ts';

const MOST = 200;

/** One update, and the id of the one before it: whoever is as far as that may take it in without missing any. */
export type ChainedUpdate = { after: number; id: number } & (
  | { video: Video | DeletedVideo }
  | { notification: Notification }
);

export class RecentUpdates {
  #since: number;
  #updates: ChainedUpdate[] = [];

  /** Nothing is known of updates up to and with the id `since`. */
  constructor(since: number) {
    this.#since = since;
  }

  get since(): number {
    return this.#since;
  }

  add(update: ChainedUpdate): void {
    this.#updates.push(update);
    if (this.#updates.length > MOST) this.#since = this.#updates.shift()?.id ?? this.#since;
  }

  /** All updates behind `id`; none when some of them are no longer known. */
  behind(id: number): ChainedUpdate[] {
    return id < this.#since ? [] : this.#updates.filter((update) => update.id > id);
  }
}
