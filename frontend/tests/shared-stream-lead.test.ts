import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ANSWER_MS, LOOK_MS } from '../src/lib/leader-watch.ts';
import { forgetChannels, settle, twoTabs } from './tabs.ts';

beforeEach(() => {
  vi.useFakeTimers();
  forgetChannels();
});

describe('another tab takes the lead', () => {
  it('when the leader is closed: from the last update on, and without a word', async () => {
    const { browser, leader, other } = await twoTabs();
    await browser.update(11);
    leader.stream.leave();
    await settle();
    expect(browser.source.url).toBe('/stream?last_event_id=11');
    browser.source.opens();
    await browser.update(12);
    expect(other.seen).toEqual([11, 12]);
    expect(other.said).toEqual(['connecting', 'live']);
  });

  it('when the leader does not answer, if it is looked at; the old one follows when it is back', async () => {
    const { browser, leader, other } = await twoTabs();
    other.show(false);
    leader.isFrozen = true;
    await vi.advanceTimersByTimeAsync(10 * LOOK_MS);
    expect(browser.sources).toHaveLength(1);
    other.show(true);
    await vi.advanceTimersByTimeAsync(ANSWER_MS);
    expect(browser.sources).toHaveLength(2);
    browser.sources[1]?.opens();
    browser.sources[1]?.sends('video.updated', { video: {} }, '11');
    await settle();
    leader.thaw();
    await settle();
    await browser.update(12);
    expect(leader.seen).toEqual([11, 12]);
    expect(other.seen).toEqual([11, 12]);
    other.stream.leave();
    await settle();
    expect(browser.source.url).toBe('/stream?last_event_id=12');
  });

  it('not when the tab itself stood still', async () => {
    const { browser, leader, other } = await twoTabs();
    other.show(false);
    leader.isFrozen = true;
    other.show(true);
    vi.setSystemTime(Date.now() + 3_600_000);
    await vi.advanceTimersByTimeAsync(ANSWER_MS);
    leader.thaw();
    await vi.advanceTimersByTimeAsync(ANSWER_MS);
    expect(browser.sources).toHaveLength(1);
  });

  it('when the leader is hidden and slowed down, but not at once', async () => {
    const { browser, leader, other } = await twoTabs();
    await vi.advanceTimersByTimeAsync(3 * LOOK_MS);
    expect(browser.sources).toHaveLength(1);
    leader.show(false);
    await settle();
    expect(browser.sources).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(LOOK_MS + ANSWER_MS);
    expect(browser.sources).toHaveLength(2);
    expect(browser.open).toHaveLength(1);
    expect(other.said).toEqual(['connecting', 'live']);
  });

  it('when a page comes back from the cache', async () => {
    const { browser, leader, other } = await twoTabs();
    leader.stream.leave();
    await settle();
    browser.source.opens();
    await browser.update(11);
    leader.stream.wake();
    await settle();
    expect(browser.open).toHaveLength(1);
    expect(leader.seen).toEqual([11]);
    expect(other.seen).toEqual([11]);
  });
});
