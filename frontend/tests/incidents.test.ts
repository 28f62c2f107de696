import { expect, test } from 'vitest';
import type { Incident } from '../src/lib/api/incidents.ts';
import { amount, byUrgency, isSilenced, share, silencedUntil, thresholdOf } from '../src/lib/incidents.ts';

const NOW = Date.parse('2026-11-22T12:00:00.000Z');
const incident = (id: string, severity: Incident['severity'], drill = false) => ({ id, severity, drill }) as Incident;

test('the worst comes first, the newest of the equally bad, and drills last', () => {
  const all = [
    incident('1', 'warning'),
    incident('2', 'critical', true),
    incident('3', 'critical'),
    incident('4', 'critical'),
  ];
  expect(all.toSorted(byUrgency).map(({ id }) => id)).toEqual(['4', '3', '1', '2']);
});

test('a silence ends when it says, and never later than the server allows', () => {
  expect(silencedUntil('hour', NOW)).toBe('2026-11-22T13:00:00.000Z');
  expect(silencedUntil('hours', NOW)).toBe('2026-11-22T16:00:00.000Z');
  expect(Date.parse(silencedUntil('week', NOW)) - NOW).toBeLessThan(7 * 24 * 3_600_000);
  const morning = new Date(silencedUntil('morning', NOW));
  expect([morning.getHours(), morning.getMinutes()]).toEqual([9, 0]);
  expect(morning.getTime()).toBeGreaterThan(NOW);
});

test('a silence that is over is none', () => {
  expect(isSilenced({ silenced_until: null }, NOW)).toBe(false);
  expect(isSilenced({ silenced_until: '2026-11-22T11:59:00.000Z' }, NOW)).toBe(false);
  expect(isSilenced({ silenced_until: '2026-11-22T12:01:00.000Z' }, NOW)).toBe(true);
});

test('a value is read in its unit', () => {
  expect([
    amount(91.04, 'percent'),
    amount(2, 'minutes'),
    amount(1204, 'count'),
    amount(125.4, 'minutes'),
    amount(7, 'seconds'),
  ]).toEqual(['91 %', '2 min', '1,204', '125 min', '7 s']);
});

test('a small value is not read as nothing', () => {
  expect(amount(0.01, 'percent')).toBe('0.01 %');
});

test('the bar ends at the threshold', () => {
  expect(share({ value: 45, threshold: 90, unit: 'percent' })).toBe(0.5);
  expect(share({ value: 99, threshold: 90, unit: 'percent' })).toBe(1);
  expect(share({ value: null, threshold: 90, unit: 'percent' })).toBeNull();
  expect(share({ value: 1, threshold: 1, unit: 'state' })).toBeNull();
});

test('what is typed as a threshold is a number above nothing', () => {
  expect(thresholdOf(' 12,5 ', 'minutes')).toBe(12.5);
  for (const typed of ['', 'x', '0', '-1', '1e999']) expect(thresholdOf(typed, 'count')).toBeNull();
  expect([thresholdOf('100', 'percent'), thresholdOf('101', 'percent')]).toEqual([100, null]);
});
