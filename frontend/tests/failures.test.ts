import { describe, expect, it } from 'vitest';
import { durationsOf } from '../src/lib/durations.ts';
import { adviceOf } from '../src/lib/failures.ts';
import { downloadUrl, streamUrl, trackUrl } from '../src/lib/media.ts';
import { pressed } from '../src/lib/player-keys.ts';
import type { StoredAsset, TimelineEntry, Video } from '../src/lib/types.ts';
import { failureWords } from '../src/lib/words/failures.ts';

type Failed = Pick<Video, 'state' | 'failure' | 'heygen_video_id'>;

function failed(by: 'heygen' | 'reelhook', code: string | null, more: Partial<Failed> = {}): Failed {
  return { state: 'failed', heygen_video_id: 'hg-1', failure: { by, code, message: 'No.' }, ...more };
}

describe('why a video failed', () => {
  it('says what the code means and what to do', () => {
    const advice = adviceOf(failed('heygen', 'MOVIO_PAYMENT_INSUFFICIENT_CREDIT'));
    expect(advice?.meaning).toContain('not enough credit');
    expect(advice?.todo).toContain('Add credit');
  });

  it.each([
    [failed('heygen', 'something_new'), failureWords.other.heygen],
    [failed('heygen', null), failureWords.other.heygen],
    [failed('heygen', 'toString'), failureWords.other.heygen],
    [failed('reelhook', 'something_new'), failureWords.other.reelhook],
    [failed('reelhook', 'something_new', { state: 'unarchived' }), failureWords.other.unarchived],
    [failed('reelhook', null, { state: 'unarchived', failure: null }), failureWords.other.unarchived],
  ])('has words for what it does not know: %#', (video, said) => expect(adviceOf(video)).toMatchObject(said));

  it.each([
    [failed('heygen', 'rendering_failed'), failureWords.cost.rendering],
    [failed('heygen', 'insufficient_credit', { heygen_video_id: null }), failureWords.cost.refused],
    [failed('reelhook', 'gave_up_waiting'), failureWords.cost.unknown],
    [failed('reelhook', 'heygen_busy', { heygen_video_id: null }), failureWords.cost.unasked],
    [failed('reelhook', 'store_full', { state: 'unarchived' }), failureWords.cost.rendered],
  ])('says no more of credits than is known: %#', (video, said) => expect(adviceOf(video)?.credits).toBe(said));

  it('is silent about a video that did not fail', () =>
    expect(adviceOf(failed('heygen', null, { state: 'ready', failure: null }))).toBeNull());
});

const asset = (given: Partial<StoredAsset>): StoredAsset => ({
  id: 'a',
  role: 'captions',
  state: 'stored',
  url: '/media/a',
  stream_url: null,
  content_type: 'application/x-subrip',
  bytes: 1,
  sha256: null,
  store: 'local',
  verified: 'digest',
  ...given,
});

describe('stored files', () => {
  it.each([
    [{}, '/media/a?as=vtt'],
    [{ content_type: 'text/vtt' }, '/media/a'],
    [{ content_type: 'text/x-ssa' }, null],
    [{ url: null }, null],
    [{ url: 'https://res.cloudinary.com/c/raw/upload/v1/a.srt' }, null],
    [{ role: 'video' as const }, null],
  ])('are a track only where a browser can read it: %#', (given, url) => expect(trackUrl(asset(given))).toBe(url));

  it('are streamed where the service says so, to a browser that can play it', () => {
    const assets = [asset({}), asset({ role: 'video', stream_url: 'https://m.example/a.m3u8' })];
    expect(streamUrl(assets, { canPlayType: () => 'maybe' })).toBe('https://m.example/a.m3u8');
    expect(streamUrl(assets, { canPlayType: () => '' })).toBeNull();
    expect(streamUrl([], { canPlayType: () => 'maybe' })).toBeNull();
  });

  it.each([
    ['local', '/media/a', '/media/a?download=1'],
    [
      'cloudinary',
      'https://m.example/c/video/upload/v1/a.mp4',
      'https://m.example/c/video/upload/fl_attachment/v1/a.mp4',
    ],
    [null, 'http://127.0.0.1:1/upload/a.mp4', 'http://127.0.0.1:1/upload/a.mp4'],
  ])('are taken away from %s', (store, url, download) => expect(downloadUrl(url, store)).toBe(download));
});

describe('keys in the player', () => {
  const key = (name: string, more = {}) => ({ key: name, altKey: false, ctrlKey: false, metaKey: false, ...more });
  const screen = { fullscreenElement: null, exitFullscreen: () => Promise.resolve() };
  const player = (tracks: { mode: TextTrackMode }[] = []) => ({
    muted: false,
    textTracks: tracks,
    requestFullscreen: () => Promise.reject(new Error('no leave')),
  });

  it('are those that a browser lacks', () => {
    const one = player([{ mode: 'disabled' }]);
    expect(pressed(one, key('M'), screen)).toBe(true);
    expect(one.muted).toBe(true);
    pressed(one, key('c'), screen);
    expect(one.textTracks[0]?.mode).toBe('showing');
    pressed(one, key('c'), screen);
    expect(one.textTracks[0]?.mode).toBe('hidden');
    expect(pressed(one, key('f'), screen)).toBe(true);
  });

  it('leave all others alone', () => {
    for (const one of [key(' '), key('ArrowLeft'), key('f', { ctrlKey: true }), key('x')]) {
      expect(pressed(player(), one, screen)).toBe(false);
    }
    expect(pressed(player(), key('c'), screen)).toBe(false);
  });
});

it('durations come from the states that were reached', () => {
  const reached = (state: TimelineEntry['state'], minutes: number): TimelineEntry => ({
    id: minutes,
    at: `2026-11-22T10:0${minutes}:00.000Z`,
    kind: String(state),
    state,
    message: '',
    data: {},
  });
  const start = '2026-11-22T10:00:00.000Z';
  expect(durationsOf(start, [reached('rendered', 5), reached('ready', 6)])).toEqual({
    rendered: 300_000,
    kept: 60_000,
    whole: 360_000,
  });
  expect(durationsOf(start, [])).toEqual({ rendered: null, kept: null, whole: null });
});
