import { describe, expect, it } from 'vitest';
import { downOf, expected, lastRuns, missedRate, outcomeOf } from '../src/lib/recovery.ts';
import type { Destination, ReconcileRun } from '../src/lib/types.ts';

const run = (over: Partial<ReconcileRun> = {}): ReconcileRun => ({
  id: 1,
  kind: 'videos',
  started_at: '2026-11-22T10:00:00Z',
  ended_at: '2026-11-22T10:00:02Z',
  asked: 3,
  found: 0,
  error: null,
  report: null,
  ...over,
});
const away = { code: 'heygen_unavailable', message: 'HeyGen answered 429' };

describe('missed webhooks', () => {
  it('are a part of all that should have come', () => {
    expect(expected({ days: 7, received: 39, missed: 3, rate: null })).toBe(42);
    expect(missedRate({ days: 7, received: 39, missed: 3, rate: null })).toBeCloseTo(0.0714);
  });

  it('have the rate that the server says, and none while nothing was expected', () => {
    expect(missedRate({ days: 7, received: 9, missed: 1, rate: 0.2 })).toBe(0.2);
    expect(missedRate({ days: 7, received: 0, missed: 0, rate: null })).toBeNull();
  });
});

describe('a check', () => {
  it('is the newest run of each kind', () => {
    const runs = [run({ id: 4, kind: 'history' }), run({ id: 3 }), run({ id: 2, kind: 'history' }), run({ id: 1 })];
    expect(lastRuns(runs).map(({ id }) => id)).toEqual([4, 3]);
  });

  it.each([
    ['nothing found', [run(), run({ kind: 'history' })], 'Nothing was missing.'],
    ['one thing found', [run({ found: 1 })], '1 thing was missing and was put right.'],
    ['several', [run({ found: 1 }), run({ kind: 'history', found: 1 })], '2 things were missing and were put right.'],
    [
      'a part that failed',
      [run(), run({ kind: 'history', error: away })],
      'Nothing was missing. HeyGen’s history could not be checked: HeyGen answered 429.',
    ],
    ['nothing but failure', [run({ error: away })], 'Open videos could not be checked: HeyGen answered 429.'],
    ['no run at all', [], 'There was nothing to ask.'],
  ])('with %s is said in words', (_case, runs, said) => expect(outcomeOf(runs)).toBe(said));
});

it('names the destinations that are not closed to trouble', () => {
  const at = (name: string, state: Destination['state']) => ({
    name,
    state,
    since: null,
    retry_at: null,
    reason: null,
  });
  const all = [at('heygen', 'closed'), at('cloudinary', 'open'), at('local', 'half_open')];
  expect(downOf(all).map(({ name }) => name)).toEqual(['cloudinary', 'local']);
});
