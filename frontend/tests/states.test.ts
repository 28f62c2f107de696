import { describe, expect, it } from 'vitest';
import { filterOf, fraction, frames, linkNews, matches } from '../src/lib/states.ts';
import type { VideoState } from '../src/lib/types.ts';
import { failureSentence, stripText } from '../src/lib/words.ts';
import { aVideo } from './videos.ts';

const drawn = (over: Parameters<typeof aVideo>[0]) =>
  frames(aVideo(over))
    .map(({ state }) => ({ waiting: '.', running: '>', done: '#', broken: 'x' })[state])
    .join('');

describe('the film strip', () => {
  it.each<[VideoState, string]>([
    ['requested', '>....'],
    ['rendering', '#>...'],
    ['rendered', '##>..'],
    ['archiving', '###>.'],
    ['ready', '#####'],
    ['failed', '#x...'],
    ['unarchived', '###x.'],
  ])('of a %s video is %s', (state, picture) => expect(drawn({ state })).toBe(picture));

  it('breaks at the request when HeyGen never took it', () =>
    expect(drawn({ state: 'failed', heygen_video_id: null })).toBe('x....'));

  it('fills with bytes only when the whole is known', () => {
    const archiving = (total: number | null) => frames(aVideo({ state: 'archiving', progress: { bytes: 27, total } }));
    expect(archiving(54)[3]?.fill).toBe(0.5);
    expect(archiving(null)[3]?.fill).toBeNull();
    expect(fraction({ bytes: 99, total: 54 })).toBe(1);
  });

  it('has a text that says the same', () => {
    expect(stripText(frames(aVideo({ state: 'archiving', progress: { bytes: 27, total: 54 } })))).toBe(
      'Archiving, step 4 of 5, 50 percent copied',
    );
    expect(stripText(frames(aVideo({ state: 'failed' })))).toBe('Stopped at Rendering, step 2 of 5');
    expect(stripText(frames(aVideo({ state: 'ready' })))).toBe('Ready, all 5 steps done');
  });
});

describe('filters', () => {
  it('come from the address, and nonsense shows all', () => {
    expect(['ready', 'nonsense', 'toString', null].map(filterOf)).toEqual(['ready', 'all', 'all', 'all']);
  });

  it('put every state in exactly one of the three', () => {
    const states: VideoState[] = ['requested', 'rendering', 'rendered', 'archiving', 'ready', 'failed', 'unarchived'];
    for (const state of states) {
      expect((['progress', 'ready', 'attention'] as const).filter((filter) => matches(filter, state))).toHaveLength(1);
      expect(matches('all', state)).toBe(true);
    }
  });
});

describe('a failure', () => {
  it.each([
    ['heygen', 'Not enough credit', 'HeyGen refused: not enough credit.'],
    ['heygen', 'API limit reached.', 'HeyGen refused: API limit reached.'],
    ['heygen', null, 'HeyGen refused: no reason was given.'],
    ['heygen', '  ', 'HeyGen refused: no reason was given.'],
    ['reelhook', 'HeyGen never answered', 'Reelhook gave up: HeyGen never answered.'],
  ] as const)('by %s because of %s is said as one sentence', (by, message, sentence) =>
    expect(failureSentence({ by, code: null, message })).toBe(sentence),
  );
});

describe("HeyGen's link", () => {
  const now = Date.parse('2026-11-22T10:00:00Z');
  it.each([
    [null, null],
    ['2026-11-24T10:00:00Z', null],
    ['2026-11-23T09:00:00Z', 'later'],
    ['2026-11-22T10:40:00Z', 'soon'],
    ['2026-11-22T10:00:00Z', 'ended'],
  ])('that ends at %s is told as %s', (link_expires_at, news) => expect(linkNews({ link_expires_at }, now)).toBe(news));
});
