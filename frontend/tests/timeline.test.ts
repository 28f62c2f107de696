import { expect, it } from 'vitest';
import { seenOnce } from '../src/lib/timeline.ts';
import type { TimelineEntry } from '../src/lib/types.ts';

const entry = (id: string, kind: string): TimelineEntry => ({
  id,
  at: '2026-11-22T10:00:00Z',
  kind,
  state: null,
  message: `${kind} ${id}`,
  data: {},
});

it('tells many sightings as one line, at the last of them', () => {
  const read = seenOnce([entry('1', 'ready'), entry('2', 'seen'), entry('3', 'asset'), entry('4', 'seen')]);
  expect(read.map(({ message }) => message)).toEqual(['ready 1', 'asset 3', 'Seen in 2 browsers']);
});

it('leaves a single sighting in the words of the server', () =>
  expect(seenOnce([entry('1', 'ready'), entry('2', 'seen')]).map(({ message }) => message)).toEqual([
    'ready 1',
    'seen 2',
  ]));
