import { beforeEach, describe, expect, it, vi } from 'vitest';
import { BACKOFF_MS, SILENCE_MS, STUCK_MS } from '../src/lib/stream.ts';
import { setUp, update } from './streams.ts';
import { aVideo } from './videos.ts';

beforeEach(() => {
  vi.useFakeTimers();
});

describe('following', () => {
  it('begins at the stream id of the list and is live when the door opens', () => {
    const { stream, said, newest } = setUp();
    stream.start(41);
    expect(newest().url).toBe('/stream?last_event_id=41');
    newest().opens();
    expect(said).toEqual(['connecting', 'live']);
  });

  it('is begun once: a second list changes nothing', () => {
    const { stream, sources } = setUp();
    stream.start(41);
    stream.start(7);
    expect(sources).toHaveLength(1);
  });

  it('hands on updates with their id, and progress without one', () => {
    const { stream, newest, seen } = setUp();
    stream.start(41);
    newest().opens();
    newest().sends('video.updated', update(), '42');
    newest().sends('video.progress', { video_id: 'v', bytes: 3, total: 9 }, '42');
    expect(seen).toEqual([
      ['video', 'ready', 42],
      ['progress', 'v', { bytes: 3, total: 9 }],
    ]);
    expect(stream.lastEventId).toBe(42);
  });

  it('reads everything anew on resync and goes on from the id it names', () => {
    const { stream, newest, seen } = setUp();
    stream.start(900);
    newest().opens();
    newest().sends('resync', { stream_id: 12 }, '12');
    expect(seen).toEqual([['resync', 12]]);
    expect(stream.lastEventId).toBe(12);
  });

  it('tells when a video was deleted', () => {
    const { stream, newest, seen } = setUp();
    stream.start(1);
    newest().opens();
    newest().sends('video.updated', { video: { id: 'v1', deleted: true } }, '2');
    expect(seen).toEqual([['deleted', 'v1', 2]]);
    expect(stream.lastEventId).toBe(2);
  });
});

describe('coming back', () => {
  it('leaves an ordinary break to the browser', () => {
    const { stream, sources, said, newest } = setUp();
    stream.start(1);
    newest().opens();
    newest().breaks();
    vi.advanceTimersByTime(STUCK_MS - 1);
    expect(sources).toHaveLength(1);
    newest().opens();
    expect(said).toEqual(['connecting', 'live', 'reconnecting', 'live']);
  });

  it.each(['lifetime', 'shutdown', 'unavailable', 'a reason of a later version', undefined])(
    'leaves it to the browser to come back after bye: %s',
    async (reason) => {
      const { stream, sources, said, newest } = setUp();
      stream.start(1);
      newest().opens();
      newest().sends('bye', { reason });
      newest().breaks();
      await vi.advanceTimersByTimeAsync(3_000);
      expect(sources).toHaveLength(1);
      expect(said.at(-1)).toBe('reconnecting');
    },
  );

  it.each(['token_expired', 'session_expired', 'key_expired', 'revoked'])(
    'asks whether it may come back when access has ended: %s',
    async (reason) => {
      for (const mayReconnect of [true, false]) {
        const { stream, sources, said, newest } = setUp({ mayReconnect });
        stream.start(7);
        newest().opens();
        newest().sends('bye', { reason });
        expect(sources[0]?.readyState).toBe(2);
        await vi.advanceTimersByTimeAsync(BACKOFF_MS.first);
        expect(sources).toHaveLength(mayReconnect ? 2 : 1);
        expect(said.at(-1)).toBe(mayReconnect ? 'reconnecting' : 'stopped');
      }
    },
  );

  it('takes over when the browser hangs', async () => {
    const { stream, sources, newest } = setUp();
    stream.start(1);
    newest().opens();
    newest().breaks();
    await vi.advanceTimersByTimeAsync(STUCK_MS + BACKOFF_MS.first);
    expect(sources).toHaveLength(2);
    expect(sources[0]?.readyState).toBe(2);
  });

  it('tries again after a refusal from the last id it took in, waiting twice as long each time', async () => {
    const { stream, sources, newest } = setUp();
    stream.start(41);
    newest().opens();
    newest().sends('video.updated', update(), '57');
    for (const wait of [1, 2, 4, 8, 16, 30, 30]) {
      const before = sources.length;
      newest().isRefused();
      await vi.advanceTimersByTimeAsync(wait * 1_000 - 1);
      expect(sources).toHaveLength(before);
      await vi.advanceTimersByTimeAsync(1);
      expect(sources).toHaveLength(before + 1);
      expect(newest().url).toBe('/stream?last_event_id=57');
    }
  });

  it('stops at the door when the person is signed out', async () => {
    const { stream, sources, said, newest } = setUp({ mayReconnect: false });
    stream.start(1);
    newest().isRefused();
    await vi.advanceTimersByTimeAsync(BACKOFF_MS.most);
    expect(sources).toHaveLength(1);
    expect(said.at(-1)).toBe('stopped');
  });

  it('asks again for an update that it could not take in', () => {
    const { stream, newest } = setUp();
    stream.start(41);
    newest().opens();
    expect(() => newest().sends('video.updated', { video: aVideo({ title: 'poison' }) }, '42')).toThrow(
      'a bug of ours',
    );
    expect(stream.lastEventId).toBe(41);
  });

  it('ignores what a dropped connection still has to say', () => {
    const { stream, newest, seen } = setUp();
    stream.start(1);
    const old = newest();
    old.opens();
    stream.wake();
    old.sends('video.updated', update(), '9');
    old.isRefused();
    expect(seen).toEqual([]);
    expect(stream.lastEventId).toBe(1);
  });
});

describe('superseded', () => {
  it('stops for good, whatever happens to the page', async () => {
    const { stream, sources, said, newest, hide, show } = setUp();
    stream.start(1);
    newest().opens();
    newest().sends('video.updated', update(), '5');
    newest().sends('superseded', { reason: 'limit' });
    hide();
    await vi.advanceTimersByTimeAsync(SILENCE_MS * 3);
    show();
    stream.wake();
    expect(sources).toHaveLength(1);
    expect(said.at(-1)).toBe('superseded');
    expect(stream.lastEventId).toBe(5);
  });
});
