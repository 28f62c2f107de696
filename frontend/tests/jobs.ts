/** Jobs for tests: a dead letter, with what the test is about on top. */

import type { Job, JobAttempt } from '../src/lib/types.ts';

export function aJob(over: Partial<Job> = {}): Job {
  return {
    id: '0193b000-0000-7000-8000-000000000001',
    kind: 'archive_asset',
    payload: { video_id: 'v1', asset_id: 'a1' },
    video_id: 'v1',
    state: 'dead',
    run_at: '2026-11-22T10:00:00Z',
    deadline: '2026-11-23T10:00:00Z',
    error: { code: 'store_unavailable', message: 'the store answered 503' },
    created_at: '2026-11-22T10:00:00Z',
    finished_at: '2026-11-22T10:30:00Z',
    attempts: [],
    discarded_reason: null,
    repeatable: true,
    ...over,
  };
}

export function anAttempt(over: Partial<JobAttempt> = {}): JobAttempt {
  return {
    number: 1,
    started_at: '2026-11-22T10:00:00Z',
    ended_at: '2026-11-22T10:00:30Z',
    outcome: 'retryable',
    error: { code: 'store_unavailable', message: 'the store answered 503' },
    ...over,
  };
}
