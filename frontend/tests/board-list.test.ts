import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Folded } from '../src/lib/board/folded.svelte.ts';
import { type ListQuery, VideoList } from '../src/lib/board/list.svelte.ts';
import { groupsOf } from '../src/lib/board/query.ts';
import type { Video } from '../src/lib/types.ts';
import { videos } from '../src/lib/videos.svelte.ts';
import { aVideo } from './videos.ts';

const PLAIN: ListQuery = { states: [], sort: 'newest', strict: false, q: '', subject: null, late: false };
const video = (id: string, over: Partial<Video> = {}) =>
  aVideo({ id, created_at: `2026-11-22T10:0${id}:00Z`, ...over });

/** The server's next answers, and what it was asked. */
let answers: { data: Video[]; next_cursor: string | null; stream_id: number }[];
let asked: string[];

beforeEach(() => {
  [answers, asked] = [[], []];
  vi.stubGlobal('fetch', async (url: string) => {
    asked.push(url);
    return Response.json(answers.shift());
  });
});
afterEach(() => {
  videos.clear();
  vi.unstubAllGlobals();
});

async function loaded(query: Partial<ListQuery>, data: Video[], next_cursor: string | null = null) {
  const list = new VideoList({ ...PLAIN, ...query });
  answers.push({ data, next_cursor, stream_id: 10 });
  expect(await list.load()).toBe(10);
  return list;
}

function told(list: VideoList, after: Video, id = 11) {
  const change = videos.put(after, id);
  if (change !== null) list.changed(change);
}
const ids = (list: VideoList) => list.shown.map(({ id }) => id).join('');

it('asks for what its query says', async () => {
  await loaded({ states: ['ready', 'failed'], sort: 'title', q: 'tea', subject: 'ada', late: true }, []);
  expect(asked).toEqual(['/api/v1/videos?limit=50&state=ready%2Cfailed&q=tea&subject=ada&late=true&sort=title']);
});

it('puts what the stream brings where the order wants it, and what changes where it belongs then', async () => {
  const list = await loaded({ sort: 'title' }, [video('1', { title: 'a' }), video('2', { title: 'c' })]);
  told(list, video('3', { title: 'b' }));
  expect(ids(list)).toBe('132');
  told(list, video('1', { title: 'd' }), 12);
  expect(ids(list)).toBe('321');
});

it('leaves what belongs behind the pages that are shown to the pages to come', async () => {
  const list = await loaded({ sort: 'title' }, [video('1', { title: 'b' })], 'next');
  told(list, video('2', { title: 'c' }));
  told(list, video('3', { title: 'a' }));
  expect(ids(list)).toBe('31');
  answers.push({ data: [video('2', { title: 'c' })], next_cursor: null, stream_id: 12 });
  await list.more();
  expect([ids(list), list.hasMore]).toEqual(['312', false]);
});

it.each([
  ['its states', { states: ['ready'] }, { state: 'ready' }],
  ['lateness', { late: true }, { late: true }],
  ['its owner', { subject: 'ada' }, { subject: 'ada' }],
  ['its words', { q: 'TEA' }, { title: 'More tea' }],
] as const)('takes in only what fits %s', async (_what, query, fits) => {
  const list = await loaded(query as Partial<ListQuery>, []);
  told(list, video('1'));
  told(list, video('2', fits));
  expect(ids(list)).toBe('2');
});

it('keeps a card whose video moves on, unless the list is strict, and never one of somebody else', async () => {
  const plain = await loaded({ states: ['rendering'] }, [video('1')]);
  const strict = await loaded({ states: ['rendering'], strict: true }, [video('1')]);
  const ada = await loaded({ subject: 'ada' }, [video('2', { subject: 'ada' })]);
  told(plain, video('1', { state: 'ready' }));
  told(ada, video('2', { subject: 'bob' }));
  expect([ids(plain), ids(strict), ids(ada)]).toEqual(['1', '', '']);
});

it('does not lose what the stream tells while an older answer is on its way', async () => {
  const list = new VideoList(PLAIN);
  answers.push({ data: [video('1')], next_cursor: null, stream_id: 10 });
  const loading = list.load();
  told(list, video('2'));
  await loading;
  expect(ids(list)).toBe('21');
});

it('drops what is gone, and does not take it back from an older list', async () => {
  const list = await loaded({}, [video('1'), video('2')]);
  videos.remove('1', 12);
  expect(ids(list)).toBe('2');
  answers.push({ data: [video('1'), video('2')], next_cursor: null, stream_id: 11 });
  await list.load();
  expect(videos.put(video('1'), null)).toBeNull();
  expect(ids(list)).toBe('2');
  told(list, video('1'), 13);
  expect(ids(list)).toBe('21');
});

it('groups by what needs somebody first, within the filter', () => {
  expect(groupsOf('attention')).toEqual(['unarchived', 'failed']);
  expect(groupsOf('all')).toHaveLength(7);
});

it('remembers on this device what is folded, and lives without a storage', () => {
  let kept: string | null = null;
  const store = {
    getItem: () => kept,
    setItem: (_key: string, value: string) => {
      kept = value;
    },
  };
  const folded = new Folded(() => store);
  folded.toggle('ready');
  folded.toggle('failed');
  folded.toggle('failed');
  expect(kept).toBe('["ready"]');
  expect(new Folded(() => store).has('ready')).toBe(true);
  const without = new Folded(() => {
    throw new Error('forbidden');
  });
  without.toggle('ready');
  expect(without.has('ready')).toBe(true);
  kept = '{"odd":1}';
  expect(new Folded(() => store).has('ready')).toBe(false);
});
