import { beforeEach, describe, expect, it, vi } from 'vitest';
import { LOOK_MS } from '../src/lib/leader-watch.ts';
import { FakeBrowser, forgetChannels, settle, twoTabs } from './tabs.ts';

beforeEach(() => {
  vi.useFakeTimers();
  forgetChannels();
});

describe('one connection for all tabs', () => {
  it('brings every update and progress to each tab, once', async () => {
    const { browser, leader, other } = await twoTabs();
    await browser.update(11);
    browser.source.sends('video.progress', { video_id: 'v', bytes: 1, total: 2 });
    await browser.update(14);
    expect(browser.sources).toHaveLength(1);
    for (const tab of [leader, other]) {
      expect(tab.seen).toEqual([11, ['progress', 'v'], 14]);
      expect(tab.stream.lastEventId).toBe(14);
    }
  });

  it('brings notifications in their place among the updates, also to a tab that began before them', async () => {
    const { browser, leader, other } = await twoTabs();
    const told = (id: string) => ({ notification: { id } });
    browser.source.sends('notification', told('n1'), '12');
    await browser.update(13);
    const late = browser.tab(10);
    await settle();
    for (const tab of [leader, other, late]) {
      expect(tab.seen).toEqual([['notification', 'n1', 12], 13]);
      expect(tab.stream.lastEventId).toBe(13);
    }
  });

  it('shows every tab how the connection is', async () => {
    const { browser, leader, other } = await twoTabs();
    expect([leader.status, other.status]).toEqual(['live', 'live']);
    browser.source.breaks();
    await settle();
    expect([leader.status, other.status]).toEqual(['reconnecting', 'reconnecting']);
  });

  it('tells all when updates were lost or a video is gone', async () => {
    const { browser, leader, other } = await twoTabs();
    browser.source.sends('video.updated', { video: { id: 'v1', deleted: true } }, '11');
    browser.source.sends('resync', { stream_id: 5 }, '5');
    await settle();
    await browser.update(6);
    for (const tab of [leader, other]) expect(tab.seen).toEqual([['deleted', 11], ['resync', 5], 6]);
  });

  it('is not shared between persons', async () => {
    const { browser } = await twoTabs();
    const olga = browser.tab(10, { owner: 'olga' });
    await settle();
    expect(browser.open).toHaveLength(2);
    browser.sources[0]?.sends('video.updated', { video: {} }, '11');
    await settle();
    expect(olga.seen).toEqual([]);
  });

  it('is one for each tab where the browser has no locks', async () => {
    const browser = new FakeBrowser();
    browser.tab(1, { shares: false });
    const two = browser.tab(2, { shares: false });
    expect(browser.open.map(({ url }) => url)).toEqual(['/stream?last_event_id=1', '/stream?last_event_id=2']);
    browser.sources[1]?.sends('superseded', { reason: 'limit' });
    two.stream.resume();
    expect(browser.open).toHaveLength(2);
  });
});

describe('a tab that begins elsewhere', () => {
  it('gets from the leader what its older list lacks', async () => {
    const { browser } = await twoTabs();
    await browser.update(11);
    await browser.update(13);
    const late = browser.tab(11);
    await settle();
    expect(late.seen).toEqual([13]);
    await browser.update(14);
    expect(late.seen).toEqual([13, 14]);
  });

  it('gets it from the next leader when there is none at that moment', async () => {
    const { browser, leader, other } = await twoTabs();
    await browser.update(11);
    await browser.update(13);
    leader.stream.leave();
    const late = browser.tab(11);
    await settle();
    expect(browser.source.url).toBe('/stream?last_event_id=13');
    expect(late.seen).toEqual([13]);
    expect(other.seen).toEqual([11, 13]);
  });

  it('leaves out what its newer list has', async () => {
    const { browser } = await twoTabs();
    const ahead = browser.tab(12);
    await settle();
    for (const id of [11, 12, 13]) await browser.update(id);
    expect(ahead.seen).toEqual([13]);
  });

  it('reads everything anew when the leader does not know any more what it lacks', async () => {
    const { browser } = await twoTabs();
    await browser.update(11);
    const old = browser.tab(7);
    await settle();
    expect(old.seen).toEqual([['resync', 11]]);
    await browser.update(12);
    expect(old.seen).toEqual([['resync', 11], 12]);
  });

  it('asks for what it could not take in, and then reads anew', async () => {
    const { browser, other } = await twoTabs();
    other.poison = 11;
    const deaf = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const caught = vi.fn();
    process.on('uncaughtException', caught);
    await browser.update(11);
    await browser.update(12);
    process.off('uncaughtException', caught);
    deaf.mockRestore();
    expect(other.seen).toEqual([['resync', 12]]);
  });
});

describe('offline', () => {
  it('is said in each tab, and ends for all with one new connection', async () => {
    const { browser, leader, other } = await twoTabs();
    browser.online = false;
    for (const tab of [leader, other]) tab.stream.offline();
    await settle();
    expect([leader.status, other.status]).toEqual(['offline', 'offline']);
    browser.online = true;
    for (const tab of [leader, other]) tab.stream.wake();
    browser.source.opens();
    await settle();
    expect([leader.status, other.status]).toEqual(['live', 'live']);
    expect(browser.sources).toHaveLength(2);
  });
});

describe('superseded', () => {
  async function superseded() {
    const scene = await twoTabs();
    scene.browser.source.sends('superseded', { reason: 'limit' });
    await settle();
    return scene;
  }

  it('reaches every tab, and none comes back by itself', async () => {
    const { browser, leader, other } = await superseded();
    expect([leader.status, other.status]).toEqual(['superseded', 'superseded']);
    for (const tab of [leader, other]) {
      tab.show(false);
      tab.show(true);
      tab.stream.wake();
    }
    await vi.advanceTimersByTimeAsync(10 * LOOK_MS);
    leader.stream.leave();
    await vi.advanceTimersByTimeAsync(10 * LOOK_MS);
    expect(browser.sources).toHaveLength(1);
    expect(other.status).toBe('superseded');
  });

  it.each(['leader', 'other'] as const)('ends where the person asks: the %s leads, the rest follow', async (which) => {
    const scene = await superseded();
    const { browser, leader, other } = scene;
    scene[which].stream.resume();
    await settle();
    browser.source.opens();
    await browser.update(11);
    expect(browser.sources).toHaveLength(2);
    for (const tab of [leader, other]) {
      expect(tab.status).toBe('live');
      expect(tab.seen).toEqual([11]);
    }
    scene[which].stream.leave();
    await settle();
    expect(browser.open).toHaveLength(1);
  });

  it('ends when the person opens one more tab', async () => {
    const { browser, leader, other } = await superseded();
    const fresh = browser.tab(10);
    await settle();
    browser.source.opens();
    await settle();
    expect([leader.status, other.status, fresh.status]).toEqual(['live', 'live', 'live']);
  });
});

describe('signing out', () => {
  it('ends the connection, and makes the other tabs ask whether they still may', async () => {
    const { browser, leader, other } = await twoTabs();
    leader.stream.stop();
    other.mayReconnect.mockImplementation(async () => {
      other.stream.stop();
      return false;
    });
    await settle();
    expect(other.mayReconnect).toHaveBeenCalled();
    expect(browser.open).toEqual([]);
    expect([leader.status, other.status]).toEqual(['stopped', 'stopped']);
  });

  it('lets tabs of another person be', async () => {
    const { browser, leader, other } = await twoTabs();
    const olga = browser.tab(10, { owner: 'olga' });
    await settle();
    leader.stream.stop();
    await settle();
    expect(other.mayReconnect).toHaveBeenCalledTimes(1);
    expect(olga.mayReconnect).not.toHaveBeenCalled();
  });
});
