/** Jobs as a person looks at them: which list one belongs to, what may be done with it, and its attempts as a story. */

import type { JobQuery } from './api.ts';
import type { Job, JobAttempt } from './types.ts';

/** In the order of who needs whom: a person first, then the service. Discarded jobs are dead ones that were put away. */
export const JOB_VIEWS = ['dead', 'retryable', 'available', 'running', 'discarded'] as const;
export type JobView = (typeof JOB_VIEWS)[number];

/** Which jobs are shown. Each filter has an address of its own. */
export interface JobFilter {
  view: JobView;
  kind: string | null;
  code: string | null;
  videoId: string | null;
}

export const DEAD: JobFilter = { view: 'dead', kind: null, code: null, videoId: null };

export function jobFilterOf(search: URLSearchParams): JobFilter {
  const state = search.get('state');
  return {
    view: JOB_VIEWS.find((view) => view === state) ?? 'dead',
    kind: search.get('kind') || null,
    code: search.get('code') || null,
    videoId: search.get('video_id') || null,
  };
}

/** The address's half of a filter: "?state=retryable&kind=prune", or nothing for the usual one. */
export function jobSearch({ view, kind, code, videoId }: JobFilter): string {
  const search = new URLSearchParams();
  if (view !== 'dead') search.set('state', view);
  if (kind !== null) search.set('kind', kind);
  if (code !== null) search.set('code', code);
  if (videoId !== null) search.set('video_id', videoId);
  return search.size === 0 ? '' : `?${search}`;
}

export function jobQuery({ view, kind, code, videoId }: JobFilter): JobQuery {
  const which = { kind, code, video_id: videoId };
  if (view === 'dead') return { ...which, state: 'dead', discarded: false };
  if (view === 'discarded') return { ...which, state: 'dead', discarded: true };
  return { ...which, state: view };
}

export function isNarrowed({ kind, code, videoId }: JobFilter): boolean {
  return kind !== null || code !== null || videoId !== null;
}

export function viewOf(job: Pick<Job, 'state' | 'discarded_reason'>): JobView | 'done' {
  return job.state === 'dead' && isDiscarded(job) ? 'discarded' : job.state;
}

/** It will not change any more. */
export function isOver(job: Pick<Job, 'state' | 'discarded_reason'>): boolean {
  return job.state === 'done' || viewOf(job) === 'discarded';
}

/** A server that does not say whether it makes sense judges when it is asked. */
export function mayRetry(job: Pick<Job, 'state' | 'discarded_reason' | 'repeatable'>): boolean {
  return mayDiscard(job) && job.repeatable !== false;
}

export function mayDiscard(job: Pick<Job, 'state' | 'discarded_reason'>): boolean {
  return job.state === 'dead' && !isDiscarded(job);
}

/** Those that counted: one that was put off has not been used up. */
export function attemptsMade({ attempts }: Pick<Job, 'attempts'>): number {
  return attempts.filter(({ outcome }) => outcome !== 'postponed').length;
}

/** The attempts in order, those that ended alike in a row as one group. */
export function grouped(attempts: readonly JobAttempt[]): JobAttempt[][] {
  const groups: JobAttempt[][] = [];
  for (const attempt of attempts) {
    const last = groups.at(-1);
    if (last?.[0] !== undefined && endedAlike(last[0], attempt)) last.push(attempt);
    else groups.push([attempt]);
  }
  return groups;
}

/** The newest first: ids are UUIDv7. */
export function byNewestId(a: Pick<Job, 'id'>, b: Pick<Job, 'id'>): number {
  return a.id < b.id ? 1 : a.id > b.id ? -1 : 0;
}

function isDiscarded(job: Pick<Job, 'discarded_reason'>): boolean {
  return (job.discarded_reason ?? null) !== null;
}

function endedAlike(a: JobAttempt, b: JobAttempt): boolean {
  return a.outcome === b.outcome && a.error?.code === b.error?.code && a.error?.message === b.error?.message;
}
