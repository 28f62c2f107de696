import { expect, test } from 'vitest';
import type { ObjectiveWindow } from '../src/lib/api/objectives.ts';
import { exact, standing, whereIs } from '../src/lib/objectives.ts';

const window = (share: number | null): ObjectiveWindow => ({
  days: 30,
  total: 1,
  bad: 0,
  share,
  budget_left: null,
  p99_ms: null,
});

test('only what is whole reads as whole, and what is on the target is kept', () => {
  expect([1, 0.999999, 0.9999, 0.98765, 0].map(exact)).toEqual(['100 %', '99.99 %', '99.99 %', '98.76 %', '0 %']);
  expect([1, 0.9999, 0.9998, null].map((share) => standing({ target: 0.9999 }, window(share)))).toEqual([
    'kept',
    'kept',
    'missed',
    'nothing',
  ]);
});

test('each reason leads to where the worst of it is', () => {
  expect(whereIs('database_unavailable')).toBe('/front-door/rejections?reason=database_unavailable');
  expect(whereIs('not_applied')).toBe('/front-door/deliveries?state=pending');
  expect(whereIs('link_ended')).toBe('/?show=attention');
});
