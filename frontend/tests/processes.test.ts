import { expect, test } from 'vitest';
import type { Process } from '../src/lib/api/processes.ts';
import { factsOf, troublesOf } from '../src/lib/processes.ts';

const AT = '2026-11-22T12:00:00.000Z';
const NOW = Date.parse('2026-11-22T12:04:00.000Z');
const WELL: Process = {
  id: '1',
  host: 'web-1',
  pid: 7,
  roles: ['server'],
  version: '1.0',
  state: 'running',
  started_at: AT,
  seen_at: AT,
  streams: 3,
  streams_opened: 0,
  loop_lag_s: 0.01,
  clock_skew_s: -0.4,
  lacks: [],
  down: [],
  outage: null,
  telemetry: {},
};

test('of a process that is well only what it does is told', () => {
  expect(factsOf(WELL, NOW)).toEqual(['version 1.0', 'started 4 min ago', '3 streams']);
  expect(factsOf({ ...WELL, roles: ['worker'] }, NOW)).toEqual(['version 1.0', 'started 4 min ago']);
  expect(troublesOf(WELL, NOW)).toEqual([]);
});

test('what is out of the ordinary is told', () => {
  const odd = { ...WELL, streams_opened: 90, loop_lag_s: 1.25, clock_skew_s: -7 };
  expect(factsOf(odd, NOW).slice(3)).toEqual([
    '90 streams opened within a minute',
    'event loop up to 1.3 s late',
    'clock 7.0 s behind',
  ]);
});

test('each trouble is one sentence, and what is lacked and found down is told once', () => {
  const down = { since: AT, code: 'heygen_unavailable', reason: 'no answer' };
  const told = troublesOf(
    {
      ...WELL,
      lacks: [{ name: 'store local', required: false, since: AT, reason: 'no space left' }],
      down: [
        { ...down, name: 'local' },
        { ...down, name: 'heygen' },
      ],
      outage: { since: AT, until: null, failed: 1, reason: 'disk full' },
      telemetry: { 'crash reports': 'refused' },
    },
    NOW,
  );
  expect(told[0]).toBe('Without store local (since 4 min ago): no space left.');
  expect(told[1]).toBe('Finds heygen down (since 4 min ago): no answer.');
  expect(told[2]).toMatch(/^Could not write from .* on; 1 commit failed: disk full\.$/);
  expect(told.slice(3)).toEqual(['Cannot deliver crash reports: refused.']);
});
