/** What is known of each video, and who wants to know it. Answers and streams may tell it in any order. */

import type { ProblemListener, Video, VideoListener } from './types.ts';

export interface Subscription {
  listener: VideoListener;
  onProblem: ProblemListener | undefined;
}

export interface Entry {
  id: string;
  video?: Video;
  /** The stream id up to which `video` is surely true: the order in which changes were committed. */
  asOf: number;
  /** It has to be read. */
  stale: boolean;
  /** There is no such video, or it was deleted. */
  gone: boolean;
  subscriptions: Set<Subscription>;
}

/** What the stream says of a video that was deleted has no more than these. */
export type Told = Video & { deleted?: true };

export const newEntry = (id: string): Entry => ({ id, asOf: 0, stale: true, gone: false, subscriptions: new Set() });

/** Nothing will come any more, so there is nothing to ask for. */
export const isFinal = ({ gone, video }: Entry): boolean =>
  gone || video?.state === 'ready' || video?.failure?.by === 'heygen';

/** Take one telling in. Returns whether it was news: what is older never replaces what is newer. */
export function take(entry: Entry, told: Told, id: number): boolean {
  if (id < entry.asOf) return false;
  entry.asOf = id;
  entry.gone = !!told.deleted;
  if (told.deleted) {
    delete entry.video;
    return false;
  }
  const before = entry.video;
  // Answers know nothing of bytes, so those that were counted stay.
  const progress = (told.progress ?? (told.state === 'archiving' && before?.progress)) || null;
  entry.video = { ...before, ...told, progress };
  const isNews = JSON.stringify(entry.video) !== JSON.stringify(before);
  if (isNews) for (const subscription of entry.subscriptions) inform(entry, subscription);
  return isNews;
}

/** The bytes have no stream id: they count only while the video is archiving. */
export function count(entry: Entry, progress: NonNullable<Video['progress']>): void {
  if (entry.video?.state === 'archiving') take(entry, { ...entry.video, progress }, entry.asOf);
}

/** In a moment: whatever a listener throws is not ours. */
export function inform({ video, subscriptions }: Entry, subscription: Subscription): void {
  queueMicrotask(() => video && subscriptions.has(subscription) && subscription.listener(video));
}
