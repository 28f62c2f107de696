import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { live } from '../src/lib/live.svelte.ts';
import { session } from '../src/lib/session.svelte.ts';
import type { TimelineEntry } from '../src/lib/types.ts';
import { VideoView } from '../src/lib/video-view.svelte.ts';

const entry = (second: number, kind = 'asset'): TimelineEntry => ({
  id: second,
  at: `2026-11-22T10:00:0${second}.000Z`,
  kind,
  state: null,
  message: '',
  data: {},
});
const VIDEO = { id: 'v', state: 'rendering', updated_at: '2026-11-22T10:00:00.000Z', assets: [], retry_of: 'u' };

/** Answers as the API does; `pages` by what was asked for. */
function serve(pages: Record<string, { data: TimelineEntry[]; next_cursor: string | null }>): string[] {
  const asked: string[] = [];
  vi.stubGlobal('fetch', (url: string) => {
    const wanted = url.split('timeline?')[1];
    if (wanted === undefined) return Promise.resolve(Response.json({ ...VIDEO, stream_id: 1 }));
    asked.push(wanted);
    const page = pages[wanted];
    return Promise.resolve(
      page === undefined ? Response.json({ title: 'No' }, { status: 503 }) : Response.json({ ...page, stream_id: 1 }),
    );
  });
  return asked;
}

function become(scopes: string[]) {
  session.become({ kind: 'person', id: 'p', name: 'p', role: 'viewer', scopes });
}

beforeEach(() => {
  vi.spyOn(live, 'start').mockReturnValue();
});

afterEach(() => {
  vi.unstubAllGlobals();
  session.become(null);
});

const seconds = (view: VideoView) => view.timeline.map(({ id }) => id);

it('reads the newest page, then those before it, and keeps them when it reads anew', async () => {
  become(['videos:read', 'jobs:read']);
  serve({
    'show=everything': { data: [entry(3), entry(4)], next_cursor: 'c' },
    'show=everything&cursor=c': { data: [entry(1), entry(2)], next_cursor: null },
  });
  const view = new VideoView('v');
  expect(await view.load()).toBe(true);
  expect([seconds(view), view.hasEarlier, view.retryOf]).toEqual([[3, 4], true, 'u']);
  await view.earlier();
  expect([seconds(view), view.hasEarlier]).toEqual([[1, 2, 3, 4], false]);
  serve({ 'show=everything': { data: [entry(4), entry(5)], next_cursor: 'd' } });
  await view.load();
  expect([seconds(view), view.hasEarlier]).toEqual([[1, 2, 3, 4, 5], false]);
});

it('begins anew when the filter changes', async () => {
  become(['events:read']);
  const asked = serve({
    'show=everything': { data: [entry(1, 'delivery'), entry(2)], next_cursor: null },
    'show=story': { data: [entry(2)], next_cursor: null },
  });
  const view = new VideoView('v');
  await view.load();
  view.show = 'story';
  await vi.waitFor(() => expect(seconds(view)).toEqual([2]));
  expect(asked).toEqual(['show=everything', 'show=story']);
});

it('asks for the story alone, and offers no filter, where there is no more to see', async () => {
  become(['videos:read']);
  const asked = serve({ 'show=story': { data: [entry(2)], next_cursor: null } });
  const view = new VideoView('v');
  await view.load();
  expect([asked, view.hasMore]).toEqual([['show=story'], false]);
});

it('says why what was earlier did not come, and keeps what is there', async () => {
  serve({ 'show=story': { data: [entry(2)], next_cursor: 'c' } });
  const view = new VideoView('v');
  await view.load();
  await view.earlier();
  expect([view.earlierProblem?.status, seconds(view), view.busy]).toEqual([503, [2], false]);
});

it('names the video that was asked for instead', async () => {
  serve({
    'show=story': { data: [{ ...entry(2, 'retried'), data: { as_video: 'w' } }], next_cursor: null },
  });
  const view = new VideoView('v');
  expect(view.retriedAs).toBeNull();
  await view.load();
  expect(view.retriedAs).toBe('w');
});
