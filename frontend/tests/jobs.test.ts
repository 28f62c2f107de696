import { describe, expect, it } from 'vitest';
import {
  attemptsMade,
  DEAD,
  grouped,
  isOver,
  jobFilterOf,
  jobQuery,
  jobSearch,
  mayDiscard,
  mayRetry,
  viewOf,
} from '../src/lib/jobs.ts';
import { aJob, anAttempt } from './jobs.ts';

const filter = (search: string) => jobFilterOf(new URLSearchParams(search));

describe('the filter of the jobs', () => {
  it('is the dead letters unless the address says otherwise', () => {
    expect(filter('')).toEqual(DEAD);
    expect(filter('state=done&kind=&code=')).toEqual(DEAD);
  });

  it('is in the address, and comes back from it', () => {
    const narrow = { view: 'retryable', kind: 'prune', code: 'a&b', videoId: 'v/1' } as const;
    expect(filter(jobSearch(narrow))).toEqual(narrow);
    expect(jobSearch(DEAD)).toBe('');
  });

  it('asks the server for dead jobs with or without the discarded, never for both', () => {
    const plain = { kind: null, code: null, video_id: null };
    expect(jobQuery(DEAD)).toEqual({ ...plain, state: 'dead', discarded: false });
    expect(jobQuery({ ...DEAD, view: 'discarded' })).toEqual({ ...plain, state: 'dead', discarded: true });
    expect(jobQuery({ ...DEAD, view: 'running', code: 'x' })).toEqual({ ...plain, state: 'running', code: 'x' });
  });
});

describe('what may be done with a job', () => {
  it('is retry and discard while it is dead', () => {
    expect([mayRetry(aJob()), mayDiscard(aJob())]).toEqual([true, true]);
    expect([mayRetry(aJob({ state: 'running' })), mayDiscard(aJob({ state: 'running' }))]).toEqual([false, false]);
  });

  it('is no retry when that would change nothing; a server that does not say is asked', () => {
    expect(mayRetry(aJob({ repeatable: false }))).toBe(false);
    expect(mayRetry(aJob({ repeatable: null }))).toBe(true);
  });

  it('is nothing any more once it was discarded', () => {
    const discarded = aJob({ discarded_reason: 'asked for twice' });
    expect([mayRetry(discarded), mayDiscard(discarded)]).toEqual([false, false]);
    expect([viewOf(discarded), isOver(discarded)]).toEqual(['discarded', true]);
    expect([isOver(aJob()), isOver(aJob({ state: 'done' }))]).toEqual([false, true]);
  });
});

describe('the attempts', () => {
  it('count without those that were put off', () =>
    expect(attemptsMade(aJob({ attempts: [anAttempt(), anAttempt({ outcome: 'postponed' })] }))).toBe(1));

  it('are grouped while they end alike, and never across another end', () => {
    const refused = anAttempt({ error: { code: 'plan_limit', message: 'too large' } });
    const groups = grouped([
      anAttempt(),
      anAttempt(),
      refused,
      anAttempt(),
      anAttempt({ outcome: 'done', error: null }),
    ]);
    expect(groups.map((group) => group.length)).toEqual([2, 1, 1, 1]);
  });

  it('with the same code and other words are told apart', () => {
    const other = anAttempt({ error: { code: 'store_unavailable', message: 'the store did not answer' } });
    expect(grouped([anAttempt(), other])).toHaveLength(2);
  });
});
