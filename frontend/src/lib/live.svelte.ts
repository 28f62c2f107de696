/** Joins the stream to what it feeds: the videos, the counts, the announcements and whoever must read anew. */

import { announcer } from './announce.svelte.ts';
import type { Notification } from './api/notifications.ts';
import { asProblem, streamUrl } from './api.ts';
import { counts } from './counts.svelte.ts';
import { FrameBatch } from './frame-batch.ts';
import { paths, router } from './router.svelte.ts';
import { session } from './session.svelte.ts';
import { SharedStream } from './shared-stream.ts';
import { followPage, type StreamStatus } from './stream.ts';
import type { Video } from './types.ts';
import { type Change, videos } from './videos.svelte.ts';

/** Many may be deleted one after the other: what hangs on them is read once. */
const READ_AFTER_GONE_MS = 300;

class Live {
  status = $state<StreamStatus>('stopped');
  readonly #listeners = new Set<(change: Change) => void>();
  readonly #told = new Set<(notification: Notification, id: number) => void>();
  readonly #readers = new Set<() => void>();
  readonly #forgets = new Set<() => void>();
  #unfollow: (() => void) | null = null;
  readonly #batch = new FrameBatch();
  readonly #gone = new Set<string>();

  readonly #stream = new SharedStream({
    url: streamUrl,
    onStatus: (status) => {
      this.status = status;
    },
    onVideo: (video, id) => this.#batch.add(() => this.#changed(video, id)),
    onProgress: (id, progress) => this.#batch.add(() => videos.progress(id, progress)),
    onDeleted: (id, video) => this.#batch.add(() => this.#left(video.id, id)),
    // In the same batch: a notification before the steps that led to it would make them news again.
    onNotification: (notification, id) => this.#batch.add(() => this.#notified(notification, id)),
    onResync: () => this.readAnew(),
    mayReconnect: async () => {
      const may = await session.stillSignedIn();
      if (!may) this.#isSomebodyElses();
      return may;
    },
  });

  /** Follow from a list's `stream_id`; the first page that has one starts it for all. */
  start(streamId: number): void {
    const owner = session.principal?.id;
    if (owner === undefined) return;
    this.#unfollow ??= followPage(this.#stream);
    this.#stream.start(streamId, owner);
  }

  resume(): void {
    this.#stream.resume();
    this.readAnew();
  }

  /** Called with every change that is news. Returns how to stop. */
  onChange(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Called with every notification of the person, new or seen. Returns how to stop. */
  onNotification(listener: (notification: Notification, id: number) => void): () => void {
    this.#told.add(listener);
    return () => this.#told.delete(listener);
  }

  /** Called when updates were lost and everything shown must be read again. Returns how to stop. */
  onReadAnew(reader: () => void): () => void {
    this.#readers.add(reader);
    return () => this.#readers.delete(reader);
  }

  readAnew(): void {
    for (const read of this.#readers) read();
  }

  /** Stop following and forget all that was shown: the next person may see other videos. */
  forget(): void {
    this.#stream.stop();
    this.#unfollow?.();
    this.#unfollow = null;
    this.#batch.clear();
    videos.clear();
    counts.clear();
    for (const forget of this.#forgets) forget();
  }

  /** Show the door; `expired` when it was not their wish. */
  signedOut(expired = true): void {
    this.forget();
    session.become(null);
    if (router.route.page !== 'sign-in')
      router.go(paths.signIn(expired ? router.here : '/', expired), { replace: true });
  }

  onForget(forget: () => void): void {
    this.#forgets.add(forget);
  }

  /** The session ended, perhaps in another tab; when another person signed in there, this tab becomes theirs. */
  #isSomebodyElses(): void {
    this.signedOut();
    // Without an answer it stays at the sign-in page, which says its own errors.
    session.load().catch(() => undefined);
  }

  /** Deleted, or given to somebody else; who sees all is told of that one again, at once. */
  #left(video: string, id: number): void {
    videos.remove(video, id);
    counts.askAgain();
    if (this.#gone.size === 0) setTimeout(() => this.#readAfterGone(), READ_AFTER_GONE_MS);
    this.#gone.add(video);
  }

  #readAfterGone(): void {
    const gone = [...this.#gone];
    this.#gone.clear();
    if (gone.some((id) => videos.get(id) === undefined)) this.readAnew();
  }

  #notified(notification: Notification, id: number): void {
    for (const listener of this.#told) listener(notification, id);
  }

  #changed(video: Video, id: number): void {
    const change = videos.put(video, id);
    counts.changed(change, id);
    if (change === null) return;
    announcer.changed(change);
    for (const listener of this.#listeners) listener(change);
  }
}

export const live = new Live();

/** A page's trouble as a Problem; a 401 leads to the sign-in page as well. */
export function troubleOf(error: unknown) {
  const problem = asProblem(error);
  if (problem.isUnauthorized) live.signedOut();
  return problem;
}
