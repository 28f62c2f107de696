import { describe, expect, it } from 'vitest';
import type { Earlier, Made } from '../src/lib/api/new-videos.ts';
import { Problem } from '../src/lib/api.ts';
import { readBatch } from '../src/lib/new/batch.ts';
import { BatchDesk, UNKNOWN } from '../src/lib/new/batch-desk.svelte.ts';
import { Kept } from '../src/lib/new/device.ts';
import { EMPTY } from '../src/lib/new/fields.ts';
import { ImportList } from '../src/lib/new/import-list.svelte.ts';
import { AT_ONCE, newRow, REMEMBERED_MS, Sending } from '../src/lib/new/sending.svelte.ts';
import { aVideo } from './videos.ts';

const rows = (count: number) => Array.from({ length: count }, (_, index) => newRow(`k${index}`, index));
const made = (id: string, fresh = true): Made => ({ video: aVideo({ id }), fresh });

describe('sending', () => {
  it('sends each once, a few at a time', async () => {
    let [now, most] = [0, 0];
    const sent: string[] = [];
    const sending = new Sending<number>(async (item, key) => {
      most = Math.max(most, ++now);
      await new Promise((wake) => setTimeout(wake));
      now -= 1;
      sent.push(key);
      return made(`v${item}`, item !== 1);
    });
    sending.add(rows(7));
    await Promise.all([sending.run(), sending.run()]);
    expect([...sent].sort()).toEqual(['k0', 'k1', 'k2', 'k3', 'k4', 'k5', 'k6']);
    expect(most).toBe(AT_ONCE);
    expect([sending.done, sending.failed, sending.left, sending.running]).toEqual([7, 0, 0, false]);
    expect(sending.rows[1]).toMatchObject({ state: 'done', videoId: 'v1', fresh: false });
  });

  it('waits when the server asks for it, and goes on by itself', async () => {
    const pauses: number[] = [];
    let busy = true;
    const send = async (item: number) => {
      if (busy) throw new Problem(429, 'too_many_requests', 'Too many', null, {}, 7);
      return made(`v${item}`);
    };
    const sending = new Sending<number>(send, undefined, async (ms) => {
      pauses.push(ms);
      busy = false;
    });
    sending.add(rows(2));
    await sending.run();
    expect(sending.done).toBe(2);
    expect(pauses[0]).toBeGreaterThan(6_900);
    expect(sending.waitsUntil).toBeNull();
  });

  it('stops when the server is away, and keeps the keys of what may have arrived', async () => {
    let away = true;
    const keys: string[] = [];
    const sending = new Sending<number>(async (item, key) => {
      keys.push(key);
      if (away) throw new Problem(0, 'network', 'The server cannot be reached');
      return made(`v${item}`);
    });
    sending.add(rows(1));
    await sending.run();
    expect(sending.trouble?.isNetwork).toBe(true);
    expect(sending.rows[0]).toMatchObject({ state: 'waiting', askedAt: expect.any(Number) });
    away = false;
    await sending.run();
    expect(keys).toEqual(['k0', 'k0']);
    expect(sending.trouble).toBeNull();
  });

  it('fails only the row that is refused, which can be tried again', async () => {
    let refuses = true;
    const sending = new Sending<number>(async (item) => {
      if (item === 0 && refuses) throw new Problem(422, 'wrong_input', 'Unprocessable', 'body.heygen.script: no');
      return made(`v${item}`);
    });
    sending.add(rows(3));
    await sending.run();
    expect([sending.done, sending.failed]).toEqual([2, 1]);
    refuses = false;
    sending.retryFailed();
    await sending.run();
    expect(sending.done).toBe(3);
  });

  it('begins nothing more once it is stopped, and can go on while the last ones arrive', async () => {
    const arrivals: (() => void)[] = [];
    const sending = new Sending<number>(async (item) => {
      await new Promise<void>((arrive) => arrivals.push(arrive));
      return made(`v${item}`);
    });
    sending.add(rows(6));
    const first = sending.run();
    sending.stop();
    expect(arrivals).toHaveLength(AT_ONCE);
    const second = sending.run();
    expect(arrivals).toHaveLength(2 * AT_ONCE);
    for (const arrive of arrivals.slice(0, AT_ONCE)) arrive();
    await first;
    expect(sending.running).toBe(true);
    for (const arrive of arrivals) arrive();
    await second;
    expect([sending.done, sending.running]).toEqual([6, false]);
  });
});

describe('the batch of a person', () => {
  function device() {
    const map = new Map<string, string>();
    return {
      getItem: (name: string) => map.get(name) ?? null,
      setItem: (name: string, value: string) => void map.set(name, value),
      removeItem: (name: string) => void map.delete(name),
    };
  }
  const batch = readBatch('script\none\ntwo\nthree', { ...EMPTY, avatar_id: 'anna' }, []).rows;

  it('is found again after a reload, and sends no row twice', async () => {
    const store = device();
    const server = new Map<string, string>();
    let answers = 2;
    const send = async ({ fields }: { fields: { script: string } }, key: string) => {
      const fresh = !server.has(key);
      server.set(key, fields.script);
      if (answers-- <= 0) throw new Problem(0, 'network', 'The answer was lost');
      return made(key, fresh);
    };
    const before = new BatchDesk(new Kept(store, 'batch', 'ada'), send);
    before.open('three.csv', batch, 'b1');
    await before.sending.run();
    expect([before.sending.done, before.sending.left]).toEqual([2, 1]);

    answers = 9;
    const after = new BatchDesk(new Kept(store, 'batch', 'ada'), send);
    expect([after.name, after.isOpen, after.sending.done]).toEqual(['three.csv', true, 2]);
    await after.sending.run();
    expect([...server]).toEqual([
      ['b1.2', 'one'],
      ['b1.3', 'two'],
      ['b1.4', 'three'],
    ]);
    expect(after.sending.rows[2]).toMatchObject({ state: 'done', fresh: false });
    after.close();
    expect(new BatchDesk(new Kept(store, 'batch', 'ada'), send).isOpen).toBe(false);
  });

  it('does not send by itself what the server may have forgotten', async () => {
    const store = device();
    const lost = async () => {
      throw new Problem(0, 'network', 'The answer was lost');
    };
    const before = new BatchDesk(new Kept(store, 'batch', 'ada'), lost);
    before.open('x.csv', batch.slice(0, 1), 'b1');
    await before.sending.run();
    const later = () => Date.now() + REMEMBERED_MS + 1;
    const after = new BatchDesk(new Kept(store, 'batch', 'ada'), lost, later);
    expect(after.sending.rows[0]).toMatchObject({ state: 'failed', problem: { code: UNKNOWN } });
  });

  it('keeps why a row was refused, and says when nothing is kept', async () => {
    const store = device();
    const refuse = async () => {
      throw new Problem(422, 'wrong_input', 'Unprocessable', 'no such avatar');
    };
    const before = new BatchDesk(new Kept(store, 'batch', 'ada'), refuse);
    before.open('x.csv', batch, 'b1');
    await before.sending.run();
    const after = new BatchDesk(new Kept(store, 'batch', 'ada'), refuse);
    expect(after.sending.rows[0]?.problem?.message).toBe('no such avatar');
    const full = {
      ...store,
      setItem: () => {
        throw new Error('full');
      },
    };
    const unkept = new BatchDesk(new Kept(full, 'batch', 'bob'), refuse);
    unkept.open('x.csv', batch, 'b2');
    expect(unkept.isKept).toBe(false);
  });
});

describe('the import of earlier videos', () => {
  const earlier = (id: string, over: Partial<Earlier> = {}): Earlier => ({
    heygen_video_id: id,
    title: id,
    status: 'completed',
    created_at: null,
    duration_s: null,
    video_id: null,
    ...over,
  });
  const pages: Record<string, Earlier[]> = {
    '': [earlier('a'), earlier('b', { video_id: 'ours' }), earlier('c', { status: 'failed' })],
    '2': [earlier('c', { status: 'failed' }), earlier('d')],
    '3': [earlier('e')],
  };
  const following: Record<string, string | null> = { '': '2', '2': '3', '3': null };

  function list(brought: string[] = [], refused: string[] = []) {
    return new ImportList({
      page: async (cursor) => ({ data: pages[cursor ?? ''] ?? [], next_cursor: following[cursor ?? ''] ?? null }),
      bring: async (video, subject) => {
        if (refused.includes(video.heygen_video_id)) throw new Problem(409, 'conflict', 'No', 'not now');
        brought.push(`${video.heygen_video_id}:${subject}`);
        return made(`v-${video.heygen_video_id}`);
      },
    });
  }

  it('shows page after page, nothing twice', async () => {
    const earlierVideos = list();
    await earlierVideos.load();
    expect(earlierVideos.hasMore).toBe(true);
    await earlierVideos.more();
    expect(earlierVideos.entries.map(({ heygen_video_id }) => heygen_video_id)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('brings what is ticked, and ticks what is not here and did not fail', async () => {
    const brought: string[] = [];
    const videos = list(brought);
    await videos.load();
    videos.subject = 'ada';
    videos.chooseAll();
    expect([...videos.chosen]).toEqual(['a']);
    videos.chosen.add('c');
    videos.chosen.add('b');
    await videos.bring();
    expect(brought.sort()).toEqual(['a:ada', 'c:ada']);
    expect(videos.entries.map((entry) => videos.videoId(entry))).toEqual(['v-a', 'ours', 'v-c']);
    expect(videos.entries.some((entry) => videos.isOpen(entry))).toBe(false);
  });

  it('brings all of them, page by page, and stops where it is told to', async () => {
    const brought: string[] = [];
    const all = list(brought);
    await all.load();
    await all.bringAll();
    expect(brought).toEqual(['a:', 'd:', 'e:']);
    expect([all.all, all.hasMore]).toEqual([false, false]);

    const some = list([]);
    await some.load();
    const running = some.bringAll();
    some.stop();
    await running;
    expect(some.entries).toHaveLength(3);
  });

  it('lets what was refused be ticked again, and does not try it by itself', async () => {
    const brought: string[] = [];
    const refused = ['a'];
    const videos = list(brought, refused);
    await videos.load();
    await videos.bringAll();
    const first = videos.entries[0] as Earlier;
    expect([videos.row(first)?.state, videos.isOpen(first)]).toEqual(['failed', true]);
    refused.pop();
    videos.chosen.add('a');
    await videos.bring();
    expect(videos.videoId(first)).toBe('v-a');
  });
});
