import { expect, it } from 'vitest';
import { CountKeeper } from '../src/lib/counts.svelte.ts';
import type { Counts } from '../src/lib/types.ts';
import { aVideo } from './videos.ts';

const COUNTS: Counts = { requested: 1, rendering: 2, rendered: 0, archiving: 1, ready: 40, failed: 1, unarchived: 1 };

function keeper(streamIds: number[]) {
  const waiting: (() => void)[] = [];
  let asked = 0;
  const counts = new CountKeeper(
    async () => ({ data: { ...COUNTS }, stream_id: streamIds[asked++] ?? 0 }),
    (run) => {
      waiting.push(run);
      return waiting.length;
    },
  );
  return { counts, waiting };
}

const readyFrom = (beforeAsOf: number | null) => ({ before: aVideo(), after: aVideo({ state: 'ready' }), beforeAsOf });

it('adds states up to filters', async () => {
  const { counts } = keeper([10]);
  expect(counts.of('all')).toBeNull();
  await counts.load();
  expect((['all', 'progress', 'ready', 'attention'] as const).map((name) => counts.of(name))).toEqual([46, 4, 40, 2]);
});

it('moves one from state to state with each change of the stream', async () => {
  const { counts } = keeper([10]);
  await counts.load();
  counts.changed(readyFrom(9), 11);
  expect([counts.of('progress'), counts.of('ready'), counts.of('all')]).toEqual([3, 41, 46]);
});

it('does not count twice what the answer already held', async () => {
  const { counts } = keeper([10]);
  await counts.load();
  counts.changed(readyFrom(9), 10);
  expect(counts.of('ready')).toBe(40);
});

it.each([
  ['was unknown', { ...readyFrom(null), before: undefined }],
  ['was told by an answer without a stream id', readyFrom(null)],
  ['was told after these counts', readyFrom(11)],
  ['was known better than the stream tells it', null],
])('asks the server, once, when a video %s', async (_case, change) => {
  const { counts, waiting } = keeper([10]);
  await counts.load();
  counts.changed(change, 12);
  counts.changed(null, 13);
  expect(counts.of('ready')).toBe(40);
  expect(waiting).toHaveLength(1);
});

it('refuses an answer older than what the stream has told since', async () => {
  const { counts, waiting } = keeper([10, 10]);
  await counts.load();
  counts.changed(readyFrom(9), 11);
  await counts.load();
  expect(counts.of('ready')).toBe(41);
  expect(waiting).toHaveLength(1);
});

it('counts anew, by the server alone, what is narrowed', async () => {
  const { counts, waiting } = keeper([10, 10]);
  await counts.load();
  counts.narrow({ q: '', subject: 'ada', late: false });
  expect(counts.of('ready')).toBe(40);
  await counts.load();
  counts.changed(readyFrom(9), 11);
  expect([counts.of('ready'), counts.ofState('failed')]).toEqual([40, 1]);
  expect(waiting).toHaveLength(1);
});

it('lets no answer to an older question pass for what is asked now', async () => {
  const { counts } = keeper([10]);
  const asked = counts.load();
  counts.narrow({ q: 'tea', subject: null, late: false });
  await asked;
  expect(counts.of('all')).toBeNull();
});
