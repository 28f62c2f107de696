/** Why a video is not ready, what that means for credits, and what a person can do. */

import type { Video } from './types.ts';
import { failureWords, type Reason } from './words/failures.ts';

export interface Advice extends Reason {
  credits: string;
}

type Failed = Pick<Video, 'state' | 'failure' | 'heygen_video_id'>;

/** Null for a video that has not failed. */
export function adviceOf(video: Failed): Advice | null {
  const { state, failure } = video;
  if (state !== 'failed' && state !== 'unarchived') return null;
  const usual = failureWords.other[state === 'unarchived' ? 'unarchived' : (failure?.by ?? 'reelhook')];
  const known = Object.hasOwn(failureWords.reasons, failure?.code ?? '');
  const reason = known ? failureWords.reasons[failure?.code ?? ''] : undefined;
  return { ...(reason ?? usual), credits: creditsOf(video) };
}

function creditsOf({ state, failure, heygen_video_id }: Failed): string {
  if (state === 'unarchived') return failureWords.cost.rendered;
  if (failure?.by !== 'heygen') return heygen_video_id === null ? failureWords.cost.unasked : failureWords.cost.unknown;
  return heygen_video_id === null ? failureWords.cost.refused : failureWords.cost.rendering;
}
