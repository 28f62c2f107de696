import { expect, test } from 'vitest';
import type { Difference, Sender, Senders } from '../src/lib/api/senders.ts';
import { byType, standing, toPaste } from '../src/lib/senders.ts';

const sender = (changed: Partial<Sender>): Sender => ({
  network: '3.5.0.0/24',
  first_seen_at: '2026-11-22T12:00:00.000Z',
  last_seen_at: '2026-11-22T12:00:00.000Z',
  deliveries: 2,
  outside: 0,
  refused: 0,
  outside_since: null,
  last_outside_at: null,
  covered: null,
  own: false,
  proposed: true,
  ...changed,
});

test('a network stands to the list when there is one, else to the one that is proposed', () => {
  expect(standing(sender({}))).toBe('proposed');
  expect(standing(sender({ proposed: false }))).toBe('once');
  expect(standing(sender({ proposed: false, own: true }))).toBe('own');
  expect(standing(sender({ covered: 'yes', outside: 3 }))).toBe('covered');
  expect(standing(sender({ covered: 'no', outside: 3 }))).toBe('outside');
  expect(standing(sender({ covered: 'partly', outside: 3, refused: 1 }))).toBe('refused');
  expect(standing(sender({ covered: 'partly' }))).toBe('partly');
  expect(standing(sender({ covered: 'no' }))).toBe('unlisted');
});

test('a new list is pasted together with the mode that refuses nobody', () => {
  const setting = 'REELHOOK_INGEST_ALLOW=3.5.0.0/24';
  const report: Senders = {
    mode: 'off',
    allow: [],
    advice: 'observe',
    proposal: { networks: ['3.5.0.0/24'], setting },
    data: [sender({})],
  };
  expect(toPaste(report)).toBe(`${setting}\nREELHOOK_INGEST_ALLOW_MODE=observe`);
  expect(toPaste({ ...report, proposal: { networks: [], setting: null } })).toBe(null);
  expect(toPaste({ ...report, mode: 'enforce', data: [sender({ covered: 'no' })] })).toBe(setting);
  const known = [sender({ covered: 'yes' }), sender({ covered: 'no', proposed: false })];
  expect(toPaste({ ...report, mode: 'observe', data: known })).toBe(null);
});

test('differences are told by type, the latest first', () => {
  const one = (type: string, field: string) => ({ type, field }) as Difference;
  expect(byType([one('b', 'x'), one('a', 'x'), one('b', 'y')])).toEqual([
    { type: 'b', differences: [one('b', 'x'), one('b', 'y')] },
    { type: 'a', differences: [one('a', 'x')] },
  ]);
});
