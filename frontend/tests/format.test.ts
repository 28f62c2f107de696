import { describe, expect, it } from 'vitest';
import {
  ago,
  ahead,
  bytes,
  bytesOf,
  duration,
  etaWords,
  minutesLeft,
  percent,
  pretty,
  took,
} from '../src/lib/format.ts';

const NOW = Date.parse('2026-11-22T12:00:00Z');
const at = (offset: number) => new Date(NOW + offset).toISOString();
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

describe('bytes', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1_000, '1 kB'],
    [54_000_000, '54 MB'],
    [12_400_000, '12.4 MB'],
    [500_000_000, '500 MB'],
    [100_000_000, '100 MB'],
    [1_250_000_000, '1.25 GB'],
  ])('says %d as %s', (count, said) => expect(bytes(count)).toBe(said));
});

describe('bytes of a whole', () => {
  it('uses the unit of the whole and one decimal that does not jump', () => {
    expect(bytesOf(12_400_000, 54_000_000)).toBe('12.4 of 54 MB');
    expect(bytesOf(12_000_000, 54_000_000)).toBe('12.0 of 54 MB');
    expect(bytesOf(800, 54_000_000)).toBe('0.0 of 54 MB');
  });

  it('never shows more than the whole', () => expect(bytesOf(60_000_000, 54_000_000)).toBe('54.0 of 54 MB'));

  it('says only what it knows when the whole is unknown', () => {
    expect(bytesOf(12_400_000, null)).toBe('12.4 MB so far');
    expect(bytesOf(12_400_000, 0)).toBe('12.4 MB so far');
  });
});

describe('time left', () => {
  it('is said in whole minutes', () => expect(etaWords(at(3 * MINUTE + 5 * SECOND), NOW)).toBe('about 3 min left'));
  it('is less than a minute at the end', () => expect(etaWords(at(40 * SECOND), NOW)).toBe('less than a minute left'));
  it('is said in hours when it is long', () => expect(etaWords(at(3 * HOUR), NOW)).toBe('about 3 h left'));

  it('is not claimed without a history, nor after the moment has passed', () => {
    expect(etaWords(null, NOW)).toBeNull();
    expect(etaWords(at(-SECOND), NOW)).toBeNull();
    expect(minutesLeft(at(0), NOW)).toBeNull();
  });
});

describe('how long ago', () => {
  it.each([
    [10 * SECOND, 'just now'],
    [-5 * SECOND, 'just now'],
    [50 * SECOND, '1 min ago'],
    [4 * MINUTE, '4 min ago'],
    [59 * MINUTE, '59 min ago'],
    [60 * MINUTE, '1 h ago'],
    [26 * HOUR, 'yesterday'],
    [50 * HOUR, '2 days ago'],
  ])('says %d ms as %s', (passed, said) => expect(ago(at(-passed), NOW)).toBe(said));

  it('turns to the date after a week, with the year only when it is another', () => {
    expect(ago('2026-11-01T12:00:00Z', NOW, 'en-GB')).toBe('1 Nov');
    expect(ago('2025-11-01T12:00:00Z', NOW, 'en-GB')).toBe('1 Nov 2025');
  });
});

describe('how long until then', () => {
  it.each([
    [-HOUR, 'in a moment'],
    [9 * SECOND, 'in a moment'],
    [40 * SECOND, 'in 40 s'],
    [58 * SECOND, 'in 1 min'],
    [4 * MINUTE, 'in 4 min'],
    [60 * MINUTE, 'in 1 h'],
    [35 * HOUR, 'in 35 h'],
    [50 * HOUR, 'in 2 days'],
  ])('says %d ms as %s', (left, said) => expect(ahead(at(left), NOW)).toBe(said));
});

describe('a part of a whole', () => {
  it.each([
    [0, '0 %'],
    [0.0001, '< 0.1 %'],
    [0.0714, '7.1 %'],
    [0.02, '2 %'],
    [1, '100 %'],
  ])('of %d is %s', (part, said) => expect(percent(part)).toBe(said));
});

describe('durations', () => {
  it('are said as a player says them', () => {
    expect([48, 725, 3_723, 0].map(duration)).toEqual(['0:48', '12:05', '1:02:03', '0:00']);
  });

  it('of a step are said in words', () => {
    expect([400, 38_000, 372_000, 7_500_000, -5].map(took)).toEqual([
      '0.4 s',
      '38 s',
      '6 min 12 s',
      '2 h 5 min',
      '0.0 s',
    ]);
  });

  it('do not say 60 s', () => expect([59_400, 59_700].map(took)).toEqual(['59 s', '59 s']));
});

describe('a raw body', () => {
  it('is laid out when it is JSON', () => expect(pretty('{"a":1}')).toBe('{\n  "a": 1\n}'));
  it('stays as it came when it is not', () => expect(pretty('not {json')).toBe('not {json'));
});
