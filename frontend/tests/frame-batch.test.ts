import { expect, it } from 'vitest';
import { FrameBatch } from '../src/lib/frame-batch.ts';

function batch() {
  const frames: (() => void)[] = [];
  return { frames, all: new FrameBatch((run) => void frames.push(run)) };
}

it('does everything that came within one frame at once, in order', () => {
  const { frames, all } = batch();
  const done: number[] = [];
  for (const number of [1, 2, 3]) all.add(() => void done.push(number));
  expect([done, frames.length]).toEqual([[], 1]);
  frames[0]?.();
  expect(done).toEqual([1, 2, 3]);
});

it('leaves what comes while it works to the next frame', () => {
  const { frames, all } = batch();
  const done: string[] = [];
  all.add(() => all.add(() => void done.push('later')));
  frames[0]?.();
  expect([done, frames.length]).toEqual([[], 2]);
  frames[1]?.();
  expect(done).toEqual(['later']);
});

it('does nothing of what is no longer wanted', () => {
  const { frames, all } = batch();
  const done: string[] = [];
  all.add(() => void done.push('of the person before'));
  all.clear();
  all.add(() => void done.push('of this one'));
  for (const run of frames) run();
  expect(done).toEqual(['of this one']);
});
