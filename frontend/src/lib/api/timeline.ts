/** What happened to a video. */

import { query, request, segment } from '../api.ts';
import type { TimelineEntry } from '../types.ts';

/** `everything` is the story and what the reader's scopes let them see beside it. */
export const SHOWS = ['everything', 'story'] as const;
export type Show = (typeof SHOWS)[number];

/** A page of the timeline, oldest first; `next_cursor` leads to what was earlier. */
export interface TimelinePage {
  data: TimelineEntry[];
  next_cursor: string | null;
  stream_id: number;
}

export function readTimeline(videoId: string, show: Show, cursor: string | null = null): Promise<TimelinePage> {
  return request<TimelinePage>('GET', `/videos/${segment(videoId)}/timeline${query({ show, cursor })}`);
}
