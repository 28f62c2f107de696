/** Which of two tellings of a video is the newer: lists, answers and the stream may arrive in any order. */

import type { Progress, Video } from './types.ts';

export interface Told {
  video: Video;
  /** The stream id up to which this telling is surely true; null for an answer that carries none. */
  asOf: number | null;
}

/**
 * The stream's integers are the order in which changes were committed, so they decide where both tellings have one.
 * Only an answer without one is judged by `updated_at`, which comes from the clocks of several machines.
 */
export function isNewer(next: Told, known: Told | undefined): boolean {
  if (known === undefined) return true;
  if (next.asOf !== null && known.asOf !== null && next.asOf !== known.asOf) return next.asOf > known.asOf;
  return Date.parse(next.video.updated_at) >= Date.parse(known.video.updated_at);
}

/** The newer of both. Bytes already counted stay when the newer telling of the same archiving has none. */
export function merge(next: Told, known: Told | undefined): Told {
  if (known === undefined) return next;
  if (!isNewer(next, known)) return known;
  const asOf = Math.max(next.asOf ?? 0, known.asOf ?? 0) || null;
  const progress =
    next.video.state === 'archiving' ? (next.video.progress ?? known.video.progress) : next.video.progress;
  return { video: progress === next.video.progress ? next.video : { ...next.video, progress }, asOf };
}

/** Progress has no stream id: it counts only while the video is archiving, and is dropped otherwise. */
export function withProgress(known: Told | undefined, progress: Progress): Told | undefined {
  if (known === undefined || known.video.state !== 'archiving') return known;
  return { ...known, video: { ...known.video, progress } };
}

/** Newest first; ids are UUIDv7, so they settle equal moments. */
export function byNewest(a: Video, b: Video): number {
  const apart = Date.parse(b.created_at) - Date.parse(a.created_at);
  if (apart !== 0) return apart;
  return a.id < b.id ? 1 : a.id > b.id ? -1 : 0;
}
