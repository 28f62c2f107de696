import { describe, expect, it } from 'vitest';
import { byNewest, isNewer, merge, type Told, withProgress } from '../src/lib/merge.ts';
import { aVideo } from './videos.ts';

const told = (asOf: number | null, over = {}): Told => ({ asOf, video: aVideo(over) });

describe('which telling of a video is newer', () => {
  it('takes the first there is', () => expect(isNewer(told(null), undefined)).toBe(true));

  it('follows the stream id, whatever the clocks of two machines say', () => {
    const known = told(10, { updated_at: '2026-11-22T10:00:05Z' });
    expect(isNewer(told(11, { updated_at: '2026-11-22T10:00:00Z' }), known)).toBe(true);
    expect(isNewer(told(9, { updated_at: '2026-11-22T10:00:09Z' }), known)).toBe(false);
  });

  it('judges by updated_at where a stream id is missing or equal', () => {
    const known = told(10, { updated_at: '2026-11-22T10:00:05Z' });
    expect(isNewer(told(null, { updated_at: '2026-11-22T10:00:06Z' }), known)).toBe(true);
    expect(isNewer(told(null, { updated_at: '2026-11-22T10:00:04Z' }), known)).toBe(false);
    expect(isNewer(told(10, { updated_at: '2026-11-22T10:00:04Z' }), known)).toBe(false);
  });
});

describe('merging', () => {
  it('keeps a list that was asked for before an update from undoing it', () => {
    const update = told(12, { state: 'ready' });
    expect(merge(told(11, { state: 'archiving' }), update)).toBe(update);
  });

  it('remembers how far the stream was when an answer carries no id', () => {
    const answer = merge(told(null, { state: 'archiving', updated_at: '2026-11-22T10:01:00Z' }), told(12));
    expect(answer.asOf).toBe(12);
    expect(isNewer(told(11), answer)).toBe(false);
  });

  it('keeps the bytes already counted while the same archiving goes on', () => {
    const known = told(1, { state: 'archiving', progress: { bytes: 5, total: 9 } });
    expect(merge(told(2, { state: 'archiving', progress: null }), known).video.progress).toEqual({
      bytes: 5,
      total: 9,
    });
    expect(merge(told(3, { state: 'ready', progress: null }), known).video.progress).toBeNull();
  });
});

describe('progress', () => {
  const progress = { bytes: 7, total: 9 };

  it('counts only while the video is archiving', () => {
    expect(withProgress(told(1, { state: 'archiving' }), progress)?.video.progress).toEqual(progress);
    const ready = told(2, { state: 'ready' });
    expect(withProgress(ready, progress)).toBe(ready);
  });

  it('of an unknown video is dropped', () => expect(withProgress(undefined, progress)).toBeUndefined());
});

it('orders newest first, and equal moments by id', () => {
  const old = aVideo({ id: 'a', created_at: '2026-11-22T09:00:00Z' });
  const first = aVideo({ id: 'b' });
  const second = aVideo({ id: 'c' });
  expect([old, first, second].sort(byNewest).map(({ id }) => id)).toEqual(['c', 'b', 'a']);
});
