import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createClient } from '../src/client.ts';
import type { Client, Problem, Status, Token, Video } from '../src/types.ts';
import { aVideo, BASE, FakeServer, ID } from './server.ts';

let server: FakeServer;
let client: Client;
let seen: Video[];
let problems: Problem[];
let statuses: Status[];
let asked: number;
let token: () => Token;

const soon = (ms = 0) => vi.advanceTimersByTimeAsync(ms);
const states = () => seen.map(({ state }) => state);

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, 'random').mockReturnValue(0);
  server = new FakeServer();
  [seen, problems, statuses, asked] = [[], [], [], 0];
  token = () => `token-${asked}`;
  client = createClient({
    url: `${BASE}/`,
    getToken: async () => {
      asked += 1;
      return token();
    },
  });
  client.on('status', (status) => statuses.push(status));
});

afterEach(() => {
  client.close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

function follow(ids: string | string[] = ID) {
  return client.subscribe(
    ids,
    (video) => seen.push(video),
    (problem) => problems.push(problem),
  );
}

describe('following', () => {
  it('opens the stream first, and reads each video once behind it', async () => {
    follow();
    await soon();
    expect([server.stream.token, server.stream.query.get('last_event_id')]).toEqual(['token-1', null]);
    expect(server.reads).toEqual([`/api/v1/videos/${ID}`]);
    await server.stream.updates(11, { state: 'archiving' });
    expect(states()).toEqual(['rendering', 'archiving']);
    expect(statuses).toEqual(['connecting', 'live']);
    expect(client.get(ID)?.state).toBe('archiving');
  });

  it('shares one stream and one token among many subscriptions', async () => {
    server.videos.set('other', aVideo({ id: 'other' }));
    follow();
    follow(['other', ID]);
    await soon();
    follow('other');
    await soon();
    expect([server.streams.length, asked, server.reads.length]).toEqual([1, 1, 2]);
    expect(seen.map(({ id }) => id).sort()).toEqual([ID, ID, 'other', 'other'].sort());
  });

  it('never goes back to what is older, and tells nothing twice', async () => {
    server.streamId = 20;
    server.videos.set(ID, aVideo({ state: 'archiving' }));
    follow();
    await soon();
    await server.stream.updates(15, { state: 'rendering' });
    await server.stream.updates(21, { state: 'archiving' });
    await server.stream.updates(21, { state: 'rendering' });
    expect(states()).toEqual(['archiving']);
  });

  it('counts bytes while archiving, and keeps them beside an answer that knows none', async () => {
    follow();
    await soon();
    await server.stream.sends('video.progress', { video_id: ID, bytes: 5, total: 10 });
    expect(seen.at(-1)?.progress).toBeNull();
    await server.stream.updates(11, { state: 'archiving' });
    await server.stream.sends('video.progress', { video_id: ID, bytes: 5, total: 10 });
    await server.stream.updates(12, { state: 'archiving', title: 'Renamed' });
    expect(seen.at(-1)).toMatchObject({ title: 'Renamed', progress: { bytes: 5, total: 10 } });
    await server.stream.updates(13, { state: 'unarchived' });
    expect(seen.at(-1)?.progress).toBeNull();
  });

  it('reads a video that the stream calls ready, for its captions', async () => {
    follow();
    await soon();
    server.videos.set(ID, aVideo({ state: 'ready' }));
    server.streamId = 11;
    await server.stream.updates(11, { state: 'ready' });
    await soon();
    expect(seen.at(-1)).toMatchObject({ state: 'ready', assets: [] });
    expect(server.reads).toHaveLength(2);
  });

  it('tells those who listen that a video was deleted, or never was', async () => {
    follow([ID, 'none']);
    await soon();
    await server.stream.sends('video.updated', { video: { id: ID, deleted: true } }, 11);
    expect(problems.map(({ code, retry, videoId }) => [code, retry, videoId])).toEqual([
      ['code_404', false, 'none'],
      ['deleted', false, ID],
    ]);
    expect(client.get(ID)).toBeUndefined();
    await soon(600_000);
    expect(server.reads).toHaveLength(2);
  });

  it('closes the stream when nobody listens any more, but not between two mountings', async () => {
    const stop = follow();
    await soon();
    stop();
    const again = follow();
    await soon(1_000);
    expect(server.open()).toBe(1);
    again();
    await soon(1_000);
    expect([server.open(), client.status]).toEqual([0, 'idle']);
    follow();
    await soon();
    expect([server.open(), server.reads.length]).toEqual([1, 3]);
  });

  it('lets a listener throw without harm to the others', async () => {
    const thrown: unknown[] = [];
    const catchIt = (error: unknown) => thrown.push(error);
    process.on('uncaughtException', catchIt);
    client.subscribe(ID, () => {
      throw new Error('not ours');
    });
    follow();
    await soon();
    await server.stream.updates(11, { state: 'archiving' });
    process.off('uncaughtException', catchIt);
    expect(states()).toEqual(['rendering', 'archiving']);
    expect(server.open()).toBe(1);
  });
});

describe('coming back', () => {
  it('goes on behind the last id, be it in an event or alone', async () => {
    follow();
    await soon();
    await server.stream.updates(11, { state: 'archiving' });
    await server.stream.says(': still here\nid: 14\n\n');
    server.stream.breaks();
    await soon(600);
    expect(server.stream.query.get('last_event_id')).toBe('14');
    expect(server.reads).toHaveLength(1);
    expect(statuses).toEqual(['connecting', 'live', 'connecting', 'live']);
  });

  it('reads everything again when it knows no id to go on from', async () => {
    follow();
    await soon();
    server.stream.breaks();
    await soon(600);
    expect(server.stream.query.get('last_event_id')).toBeNull();
    expect(server.reads).toHaveLength(2);
  });

  it('takes frames apart that come in pieces', async () => {
    follow();
    await soon();
    const frame = `id: 11\nevent: video.updated\ndata: ${JSON.stringify({ video: aVideo({ title: 'Grüße' }) })}\n\n`;
    const bytes = new TextEncoder().encode(frame);
    for (const byte of bytes) await server.stream.says(String.fromCharCode(byte).replace(/[^ -~\n]/, '?'));
    expect(seen.at(-1)?.title).toBe('Gr????e');
  });

  it('notices a stream that has died without a word', async () => {
    follow();
    await soon();
    await soon(44_000);
    expect(server.streams).toHaveLength(1);
    await soon(2_000);
    expect(server.streams).toHaveLength(2);
    expect(problems.map(({ code }) => code)).toEqual(['network']);
  });

  it('reads everything anew on resync, even what the numbers call older', async () => {
    follow();
    await soon();
    await server.stream.updates(50, { state: 'archiving' });
    server.streamId = 7;
    server.videos.set(ID, aVideo({ state: 'rendered' }));
    await server.stream.sends('resync', { stream_id: 7 }, 7);
    await soon();
    await server.stream.updates(8, { state: 'archiving', title: 'After the restore' });
    expect(states()).toEqual(['rendering', 'archiving', 'rendered', 'archiving']);
  });

  it('does not come back when superseded, but asks, until it is told to', async () => {
    follow();
    await soon();
    await server.stream.sends('superseded', { reason: 'too_many', message: 'A newer one took its place.' });
    await server.stream.ends();
    await soon(60_000);
    expect([server.streams.length, client.status]).toEqual([1, 'polling']);
    expect(problems).toMatchObject([{ code: 'superseded', retry: false }]);
    expect(server.reads.length).toBeGreaterThan(3);
    client.retry();
    await soon();
    expect([server.streams.length, client.status]).toEqual([2, 'live']);
  });

  it('waits longer and longer', async () => {
    server.streaming = 'blocked';
    follow();
    await soon(500 + 1_000 + 2_000);
    const before = problems.length;
    await soon(3_900);
    expect(problems).toHaveLength(before);
    await soon(200);
    expect(problems).toHaveLength(before + 1);
  });
});

describe('without a stream', () => {
  it('asks at once, and then less and less often while nothing happens', async () => {
    server.streaming = 'blocked';
    follow();
    await soon();
    expect([server.reads.length, client.status]).toEqual([1, 'polling']);
    await soon(60_000);
    expect(server.reads.length).toBeGreaterThan(4);
    expect(server.reads.length).toBeLessThan(9);
    server.streamId = 12;
    server.videos.set(ID, aVideo({ state: 'archiving' }));
    await soon(15_000);
    expect(states()).toEqual(['rendering', 'archiving']);
  });

  it('asks at once for a video that somebody follows later', async () => {
    server.streaming = 'blocked';
    server.videos.set('other', aVideo({ id: 'other' }));
    follow();
    await soon(30_000);
    follow('other');
    await soon();
    expect(seen.at(-1)?.id).toBe('other');
  });

  it('stops asking for what is final', async () => {
    server.streaming = 'blocked';
    server.videos.set(ID, aVideo({ state: 'ready' }));
    follow();
    await soon(60_000);
    expect([states(), server.reads.length]).toEqual([['ready'], 1]);
  });

  it('asks while a proxy holds the stream back, and goes on with the stream when it comes through', async () => {
    server.streaming = 'silent';
    follow();
    await soon(2_900);
    expect(server.reads).toEqual([]);
    await soon(200);
    expect([states(), client.status]).toEqual([['rendering'], 'polling']);
    await server.stream.says(': welcome\n\n');
    await soon();
    const { length } = server.reads;
    await server.stream.updates(11, { state: 'archiving' });
    await soon(40_000);
    expect(states()).toEqual(['rendering', 'archiving']);
    expect(server.reads).toHaveLength(length);
  });

  it('asks less often while asking fails, and says so', async () => {
    server.streaming = 'blocked';
    server.refusal = 503;
    follow();
    await soon(300_000);
    const refused = problems.filter(({ status }) => status === 503);
    expect(refused[0]).toMatchObject({ code: 'code_503', message: 'Refused.', retry: true, videoId: ID });
    expect(refused.length).toBeLessThan(10);
    server.refusal = undefined;
    await soon(60_000);
    expect(states()).toEqual(['rendering']);
  });
});

describe('tokens', () => {
  const until = (seconds: number) => () => ({
    token: `token-${asked}`,
    expires_at: new Date(Date.now() + seconds * 1_000).toISOString(),
  });

  it('renews before the end, and keeps the old stream until the new one speaks', async () => {
    token = until(600);
    follow();
    await soon();
    const [first] = server.streams;
    await first?.updates(11, { state: 'rendered' });
    server.streaming = 'silent';
    const beats = setInterval(() => first?.isOpen && first.says(': still here\n\n'), 20_000);
    await soon(541_000);
    expect([asked, server.streams.length, server.open()]).toEqual([2, 2, 2]);
    expect([server.stream.token, server.stream.query.get('last_event_id')]).toEqual(['token-2', '11']);
    await first?.updates(12, { state: 'archiving' });
    await server.stream.says(': welcome\n\n');
    await server.stream.updates(12, { state: 'archiving' });
    await server.stream.updates(13, { state: 'unarchived' });
    clearInterval(beats);
    expect([first?.isOpen, server.open()]).toEqual([false, 1]);
    expect(states()).toEqual(['rendering', 'rendered', 'archiving', 'unarchived']);
    expect(statuses).toEqual(['connecting', 'live']);
  });

  it('is not driven to ask without end by a clock that is wrong', async () => {
    token = until(0.1);
    follow();
    await soon(20_000);
    expect(asked).toBeLessThan(6);
  });

  it('goes on with the old one while no other can be had', async () => {
    token = until(600);
    follow();
    await soon();
    token = () => {
      throw new Error('the backend is away');
    };
    const beats = setInterval(() => server.stream.says(': still here\n\n'), 20_000);
    await soon(550_000);
    expect([client.status, server.open()]).toEqual(['live', 1]);
    token = until(600);
    await soon(5_000);
    clearInterval(beats);
    expect(server.stream.token).not.toBe('token-1');
  });

  it('takes another when the server says that this one has ended', async () => {
    follow();
    await soon();
    await server.stream.sends('bye', { reason: 'token_expired', message: '', renew: '/api/v1/stream-tokens' });
    server.ended.add('token-1');
    await server.stream.ends();
    await soon(600);
    expect([server.stream.token, asked]).toEqual(['token-2', 2]);
    expect(problems).toEqual([]);
  });

  it('takes another when one is refused', async () => {
    server.ended.add('token-1');
    follow();
    await soon(4_000);
    expect([states(), client.status]).toEqual([['rendering'], 'live']);
    expect(problems[0]).toMatchObject({ status: 401, retry: true });
  });

  it('says when none can be had, and tries again', async () => {
    const good = token;
    token = () => {
      throw new Error('not signed in');
    };
    follow();
    await soon();
    expect(problems[0]).toEqual({ code: 'token', message: 'No token: not signed in', retry: true });
    token = good;
    await soon(10_000);
    expect(states()).toEqual(['rendering']);
  });

  it('lends its token to files that Reelhook serves, and to no other', async () => {
    follow();
    await soon();
    expect(client.media('/media/1')).toBe(`${BASE}/media/1?token=token-1`);
    expect(client.media('https://cdn.example/1.mp4')).toBe('https://cdn.example/1.mp4');
  });
});

describe('the page', () => {
  let isHidden: boolean;
  let page: EventTarget;

  beforeEach(() => {
    isHidden = false;
    page = new EventTarget();
    vi.stubGlobal('addEventListener', page.addEventListener.bind(page));
    vi.stubGlobal('document', {
      get visibilityState() {
        return isHidden ? 'hidden' : 'visible';
      },
    });
  });

  const happens = (name: string, more = {}) => page.dispatchEvent(Object.assign(new Event(name), more));

  function becomes(hidden: boolean) {
    isHidden = hidden;
    happens('visibilitychange');
  }

  it('does not ask while nobody looks, and at once when somebody does', async () => {
    server.streaming = 'blocked';
    follow();
    await soon();
    becomes(true);
    const { length } = server.reads;
    await soon(120_000);
    expect(server.reads).toHaveLength(length);
    becomes(false);
    await soon();
    expect(server.reads).toHaveLength(length + 1);
  });

  it('opens anew beside the old stream after it was away, for that may be dead', async () => {
    follow();
    await soon();
    becomes(true);
    await soon(10_000);
    becomes(false);
    await soon();
    expect(server.streams).toHaveLength(1);
    becomes(true);
    await soon(30_000);
    becomes(false);
    await soon();
    expect([server.streams.length, server.open()]).toEqual([2, 1]);
  });

  it('holds no stream while it is kept for going back, and goes on when it is shown again', async () => {
    follow();
    await soon();
    await server.stream.updates(11, { state: 'rendered' });
    happens('pagehide');
    await soon(60_000);
    expect(server.open()).toBe(0);
    happens('pageshow', { persisted: true });
    await soon();
    expect([server.open(), server.stream.query.get('last_event_id')]).toEqual([1, '11']);
  });

  it('tries at once when the network is back', async () => {
    server.streaming = 'blocked';
    follow();
    await soon(30_000);
    server.streaming = 'open';
    happens('online');
    await soon();
    expect(client.status).toBe('live');
    client.close();
    happens('online');
    await soon();
    expect(server.open()).toBe(0);
  });
});
