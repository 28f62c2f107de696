import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Notification } from '../src/lib/api/notifications.ts';
import { AWAY_MS, Away, summary } from '../src/lib/away.svelte.ts';
import { EVERYTHING } from '../src/lib/board/query.ts';
import { byDay, daysAgo } from '../src/lib/days.ts';
import { isWorthAToast, TOAST_MS, Toasts } from '../src/lib/toasts.svelte.ts';

function told(id: string, more: Partial<Notification> = {}): Notification {
  const said = { severity: 'info' as const, title: id, body: '', url: '/videos/v', video_id: 'v', incident_id: null };
  return { id, kind: 'ready', ...said, created_at: '', seen_at: null, quiet: false, channels: ['in_app'], ...more };
}

/** A browser with tabs that share a store, and a server with what is unseen. */
function browser() {
  const kept = new Map<string, string>();
  const world = { now: 0, visible: true, unseen: [] as Notification[] };
  const tab = () =>
    new Away('olga', {
      store: { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => void kept.set(key, value) },
      now: () => world.now,
      isVisible: () => world.visible,
      unseen: async () => world.unseen,
    });
  return { world, tab };
}

async function awayFor(ms: number, world: ReturnType<typeof browser>['world'], tab: Away) {
  world.visible = false;
  tab.visibilityChanged();
  world.now += ms;
  world.visible = true;
  tab.visibilityChanged();
  await Promise.resolve();
  await Promise.resolve();
}

describe('while somebody was away', () => {
  it('counts by kind, and says nothing of tests', () => {
    const all = [told('1', { kind: 'failed' }), told('2'), told('3'), told('4', { kind: 'test' })];
    expect(summary(all)).toBe('2 ready, 1 failed');
    expect(summary([told('4', { kind: 'test' })])).toBeNull();
  });

  it('is said once, in the first tab that is looked at', async () => {
    const { world, tab } = browser();
    const [one, other] = [tab(), tab()];
    world.unseen = [told('2'), told('1', { kind: 'failed' })];
    await one.look();
    await other.look();
    expect([one.text, other.text]).toEqual(['1 ready, 1 failed', null]);
  });

  it('is not said after a short look elsewhere, nor of what was on the screen', async () => {
    const { world, tab } = browser();
    const one = tab();
    one.noticed('1');
    world.unseen = [told('2'), told('1')];
    await awayFor(AWAY_MS, world, one);
    expect(one.text).toBeNull();
    await awayFor(AWAY_MS + 1, world, one);
    expect(one.text).toBe('1 ready');
  });

  it('is no news when the stream brings it late, but what comes right after the page is', async () => {
    const { world, tab } = browser();
    const one = tab();
    world.unseen = [told('1')];
    void one.look();
    expect(await Promise.all(['1', '2'].map((id) => one.isNews(id)))).toEqual([false, true]);
    world.unseen = [told('3'), told('1')];
    await awayFor(AWAY_MS + 1, world, one);
    expect(await Promise.all(['3', '4'].map((id) => one.isNews(id)))).toEqual([false, true]);
  });
});

describe('toasts', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());
  const names = (toasts: Toasts) => toasts.shown.map(({ id }) => id);

  it('go after a moment, are three at most, and come once', () => {
    const toasts = new Toasts();
    for (const id of ['1', '2', '3', '4', '4']) toasts.add(told(id));
    expect(names(toasts)).toEqual(['2', '3', '4']);
    vi.advanceTimersByTime(TOAST_MS);
    expect(names(toasts)).toEqual([]);
  });

  it('wait while somebody reads them', () => {
    const toasts = new Toasts();
    toasts.add(told('1'));
    toasts.hold();
    toasts.add(told('2'));
    vi.advanceTimersByTime(10 * TOAST_MS);
    expect(names(toasts)).toEqual(['1', '2']);
    toasts.release();
    vi.advanceTimersByTime(TOAST_MS);
    expect(names(toasts)).toEqual([]);
  });

  it('are not for the open video, quiet hours, what is seen, or other ways', () => {
    const board = { page: 'board', query: EVERYTHING } as const;
    expect(isWorthAToast(told('1'), board)).toBe(true);
    expect(isWorthAToast(told('1'), { page: 'video', id: 'v' })).toBe(false);
    for (const more of [{ quiet: true }, { seen_at: 'now' }, { channels: ['email'] }]) {
      expect(isWorthAToast(told('1', more), board)).toBe(false);
    }
  });
});

describe('days', () => {
  it('keep the order, and know how long ago they are', () => {
    const at = (created_at: string) => ({ created_at });
    const days = byDay([at('2026-03-02T13:00:00'), at('2026-03-02T11:00:00'), at('2026-02-28T12:00:00')]);
    expect(days.map(({ day, entries }) => [day, entries.length])).toEqual([
      ['2026-03-02', 2],
      ['2026-02-28', 1],
    ]);
    const now = Date.parse('2026-03-02T15:00:00');
    expect(days.map(({ day }) => daysAgo(day, now))).toEqual([0, 2]);
  });
});
