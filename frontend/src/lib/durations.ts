/** How long a video took, from what its story says of it. */

import type { TimelineEntry, VideoState } from './types.ts';

export interface Durations {
  /** Milliseconds; null while that step is not done, or no longer known. */
  rendered: number | null;
  kept: number | null;
  whole: number | null;
}

export function durationsOf(createdAt: string, entries: readonly TimelineEntry[]): Durations {
  const reached = (state: VideoState) => entries.findLast((entry) => entry.state === state)?.at;
  const [rendered, ready] = [reached('rendered'), reached('ready')];
  return {
    rendered: between(createdAt, rendered),
    kept: rendered === undefined ? null : between(rendered, ready),
    whole: between(createdAt, ready),
  };
}

function between(start: string, end: string | undefined): number | null {
  return end === undefined ? null : Date.parse(end) - Date.parse(start);
}
