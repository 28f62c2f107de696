import { beforeEach, describe, expect, it, vi } from 'vitest';
import { AWAY_MS, AWAY_ON_PHONE_MS, SILENCE_MS } from '../src/lib/stream.ts';
import { setUp, update } from './streams.ts';

beforeEach(() => {
  vi.useFakeTimers();
});

describe('a page that was away', () => {
  it('opens anew when it was hidden for long and heard nothing', () => {
    const { stream, sources, newest, hide, show } = setUp();
    stream.start(1);
    newest().opens();
    hide();
    vi.advanceTimersByTime(AWAY_MS);
    show();
    expect(sources).toHaveLength(2);
  });

  it('stays connected after a short glance elsewhere, or when updates kept coming', () => {
    const { stream, sources, newest, hide, show } = setUp();
    stream.start(1);
    newest().opens();
    hide();
    vi.advanceTimersByTime(AWAY_MS - 1);
    show();
    hide();
    vi.advanceTimersByTime(AWAY_MS);
    newest().sends('video.updated', update(), '2');
    show();
    expect(sources).toHaveLength(1);
  });

  it('takes a phone at its word for seconds only: it ends connections in the background and tells nobody', () => {
    const { stream, sources, newest, page, hide, show } = setUp();
    page.phone = true;
    stream.start(7);
    newest().opens();
    newest().sends('notification', { notification: { id: 'n1' } }, '9');
    hide();
    vi.advanceTimersByTime(AWAY_ON_PHONE_MS);
    show();
    expect(sources).toHaveLength(2);
    expect(newest().url).toBe('/stream?last_event_id=9');
  });

  it('opens anew after the machine slept', () => {
    const { stream, sources, newest } = setUp();
    stream.start(1);
    newest().opens();
    vi.setSystemTime(Date.now() + 3_600_000);
    vi.advanceTimersByTime(10_000);
    expect(sources).toHaveLength(2);
  });

  it('opens anew after a long silence while visible, and not while hidden', () => {
    const { stream, sources, newest, page } = setUp();
    stream.start(1);
    newest().opens();
    page.visible = false;
    vi.advanceTimersByTime(2 * SILENCE_MS);
    expect(sources).toHaveLength(1);
    page.visible = true;
    vi.advanceTimersByTime(10_000);
    expect(sources).toHaveLength(2);
  });

  it('says offline, and reconnects the moment the network is back', () => {
    const { stream, sources, said, page, newest } = setUp();
    stream.start(1);
    newest().opens();
    page.online = false;
    stream.offline();
    expect(said.at(-1)).toBe('offline');
    page.online = true;
    stream.wake();
    newest().opens();
    expect(sources).toHaveLength(2);
    expect(said.at(-1)).toBe('live');
  });

  it('does not believe "offline" while updates arrive', () => {
    const { stream, said, newest } = setUp();
    stream.start(1);
    newest().opens();
    stream.offline();
    newest().sends('video.updated', update(), '2');
    expect(said.at(-1)).toBe('live');
  });
});
