import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Notification, NotificationPage } from '../src/lib/api/notifications.ts';

function told(id: string, more: Partial<Notification> = {}): Notification {
  const said = { severity: 'info' as const, title: id, body: '', url: '/videos/v', video_id: 'v', incident_id: null };
  return { id, kind: 'ready', ...said, created_at: '', seen_at: null, quiet: false, channels: ['in_app'], ...more };
}

/** The module with a server that answers with `page`, and the badge of the app. */
async function setUp(page: Partial<NotificationPage> = {}) {
  const answer = { data: [] as Notification[], next_cursor: null, unseen: 0, stream_id: 10, ...page };
  const badge = vi.fn(async (_: number) => undefined);
  const asked: string[] = [];
  vi.stubGlobal('localStorage', { getItem: () => null, setItem: () => undefined, removeItem: () => undefined });
  vi.stubGlobal('navigator', { setAppBadge: badge, onLine: true });
  vi.stubGlobal('location', new URL('https://reelhook.test/'));
  vi.stubGlobal('fetch', async (path: string) => {
    asked.push(path);
    return Response.json(answer);
  });
  const { notifications } = await import('../src/lib/notifications.svelte.ts');
  const { live } = await import('../src/lib/live.svelte.ts');
  const stop = notifications.start();
  await vi.advanceTimersByTimeAsync(0);
  return { notifications, live, answer, badge, asked, stop };
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.resetModules();
});

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('what a person was told', () => {
  it('is there with its count, also on the icon of the app', async () => {
    const { notifications, badge } = await setUp({ data: [told('n1')], unseen: 7 });
    expect([notifications.unseen, notifications.latest.map(({ id }) => id)]).toEqual([7, ['n1']]);
    expect(badge).toHaveBeenLastCalledWith(7);
  });

  it('grows by what the stream brings, once, and not by what was read already', async () => {
    const { notifications } = await setUp({ data: [told('n1')], unseen: 1, stream_id: 10 });
    notifications.heard(told('n1'), 9);
    notifications.heard(told('n2'), 11);
    notifications.heard(told('n2'), 11);
    expect([notifications.unseen, notifications.latest.map(({ id }) => id)]).toEqual([2, ['n2', 'n1']]);
  });

  it('is asked for once when many are seen on another device', async () => {
    const { notifications, answer, asked } = await setUp({ data: [told('n2'), told('n1')], unseen: 2 });
    answer.unseen = 0;
    answer.data = ['n2', 'n1'].map((id) => told(id, { seen_at: 'now' }));
    notifications.heard(told('n1', { seen_at: 'now' }), 11);
    notifications.heard(told('n2', { seen_at: 'now' }), 12);
    expect(notifications.latest.every(({ seen_at }) => seen_at === 'now')).toBe(true);
    await vi.advanceTimersByTimeAsync(500);
    expect(notifications.unseen).toBe(0);
    expect(asked).toHaveLength(2);
  });

  it('is read anew when updates were lost', async () => {
    const { notifications, live, answer } = await setUp({ unseen: 1 });
    answer.unseen = 4;
    live.readAnew();
    await vi.advanceTimersByTimeAsync(0);
    expect(notifications.unseen).toBe(4);
  });

  it('is gone with the person', async () => {
    const { notifications, badge, stop } = await setUp({ data: [told('n1')], unseen: 1 });
    stop();
    expect([notifications.unseen, notifications.latest]).toEqual([0, []]);
    expect(badge).toHaveBeenLastCalledWith(0);
  });

  it('says when it cannot be read, and keeps what it had', async () => {
    const { notifications } = await setUp({ data: [told('n1')], unseen: 1 });
    vi.stubGlobal('fetch', async () => Promise.reject(new TypeError('no network')));
    await notifications.read();
    expect([notifications.problem?.isNetwork, notifications.unseen]).toEqual([true, 1]);
  });
});
