import { expect, test } from 'vitest';
import { askedOf, change, long, rangeOf, stepOf } from '../src/lib/analytics.ts';

const NOW = Date.parse('2026-11-22T12:00:00.000Z');
const of = (text: string) => rangeOf(new URLSearchParams(text));

test('the address says which time is meant, and a week when it says nothing that can be', () => {
  expect(of('range=year').name).toBe('year');
  for (const text of [
    '',
    'range=ever',
    'from=2026-11-22',
    'from=2026-11-22&to=2026-11-21',
    'from=2026-99-99&to=2026-99-99',
  ]) {
    expect(of(text)).toEqual({ name: 'week', days: null });
  }
});

test('a named range ends now, and chosen days are whole ones of the person', () => {
  expect(askedOf(of('range=day'), NOW)).toEqual({ from: '2026-11-21T12:00:00.000Z', to: '2026-11-22T12:00:00.000Z' });
  const asked = askedOf(of('from=2026-11-20&to=2026-11-21'), NOW);
  expect([new Date(asked.from).getHours(), new Date(asked.to).getHours()]).toEqual([0, 0]);
  expect([new Date(asked.from).getDate(), new Date(asked.to).getDate()]).toEqual([20, 22]);
});

test('the longer the time, the longer the step', () => {
  expect(['day', 'week', 'quarter', 'year'].map((name) => stepOf(askedOf(of(`range=${name}`), NOW)))).toEqual([
    'hour',
    'day',
    'day',
    'week',
  ]);
});

test('a change is against what was before, when there was anything', () => {
  expect([change(112, 100), change(97, 100), change(100, 100), change(1, 0), change(null, 3)]).toEqual([
    '+12 %',
    '−3 %',
    '0 %',
    null,
    null,
  ]);
});

test('what takes less than a second is told in milliseconds', () => {
  expect([long(0), long(26), long(999), long(1500)]).toEqual(['0.0 s', '26 ms', '999 ms', '1.5 s']);
});
