/** A video's way, as data: which frame of the strip is lit, and which filter a state belongs to. */

import type { Progress, Video, VideoState } from './types.ts';

export const FRAMES = ['requested', 'rendering', 'rendered', 'archiving', 'ready'] as const;
export type FrameName = (typeof FRAMES)[number];

/** `waiting`: not reached. `running`: happening now. `done`: behind us. `broken`: where it stopped. */
export type FrameState = 'waiting' | 'running' | 'done' | 'broken';

export interface Frame {
  name: FrameName;
  state: FrameState;
  /** 0 to 1, only on the running archiving frame and only when the whole length is known. */
  fill: number | null;
}

export const FILTERS = {
  all: [],
  progress: ['requested', 'rendering', 'rendered', 'archiving'],
  ready: ['ready'],
  attention: ['failed', 'unarchived'],
} as const satisfies Record<string, readonly VideoState[]>;
export type FilterName = keyof typeof FILTERS;

export function filterOf(name: string | null): FilterName {
  return name !== null && Object.hasOwn(FILTERS, name) ? (name as FilterName) : 'all';
}

export function matches(filter: FilterName, state: VideoState): boolean {
  const states: readonly VideoState[] = FILTERS[filter];
  return states.length === 0 || states.includes(state);
}

export function isRunning(state: VideoState): boolean {
  return matches('progress', state);
}

export function canRetry(video: Pick<Video, 'state'>): boolean {
  return matches('attention', video.state);
}

type OnStrip = Pick<Video, 'state' | 'heygen_video_id' | 'progress'>;

export function frames(video: OnStrip): Frame[] {
  const at = position(video);
  return FRAMES.map((name, index) => ({
    name,
    state: index < at.index ? 'done' : index > at.index ? 'waiting' : at.state,
    fill: name === 'archiving' && video.state === 'archiving' ? fraction(video.progress) : null,
  }));
}

function position(video: OnStrip): { index: number; state: FrameState } {
  switch (video.state) {
    case 'failed':
      // Without an id of HeyGen's the request itself was refused: nothing ever began to render.
      return { index: FRAMES.indexOf(video.heygen_video_id === null ? 'requested' : 'rendering'), state: 'broken' };
    case 'unarchived':
      return { index: FRAMES.indexOf('archiving'), state: 'broken' };
    case 'ready':
      return { index: FRAMES.indexOf('ready'), state: 'done' };
    default:
      return { index: FRAMES.indexOf(video.state), state: 'running' };
  }
}

/** 0 to 1, or null when the length of the whole is unknown. */
export function fraction(progress: Progress | null): number | null {
  if (progress === null || progress.total === null || progress.total <= 0) return null;
  return Math.min(1, Math.max(0, progress.bytes / progress.total));
}

const HOUR_MS = 3_600_000;
/** A link that lives longer than this is no news. */
const NEWS_MS = 24 * HOUR_MS;

/** What is to be said of HeyGen's link to what is not stored yet: it ends later, soon (within the hour), or has ended. */
export function linkNews(video: Pick<Video, 'link_expires_at'>, now: number): 'later' | 'soon' | 'ended' | null {
  if (video.link_expires_at === null) return null;
  const left = Date.parse(video.link_expires_at) - now;
  if (left > NEWS_MS) return null;
  return left <= 0 ? 'ended' : left <= HOUR_MS ? 'soon' : 'later';
}
