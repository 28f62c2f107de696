import { describe, expect, it } from 'vitest';
import type { HourCount, Rejection, RejectionCounts } from '../src/lib/api/rejections.ts';
import { Problem } from '../src/lib/api.ts';
import { RejectionList } from '../src/lib/rejection-list.svelte.ts';
import { bars, filterOf, isText, questionOf, searchOf, sinceOf } from '../src/lib/rejections.ts';

const NOW = Date.parse('2026-11-22T12:34:56Z');
const count = (hour: string, reason: string, refused: number): HourCount => ({
  hour: `2026-11-${hour}:00:00Z`,
  endpoint: 'heygen',
  reason,
  refused,
  kept: 0,
});
const rejection = (id: number) => ({ id: String(id), reason: 'wrong_secret' }) as Rejection;
const nothing: RejectionCounts = { since: '', until: '', data: [], reasons: [] };

describe('the filter', () => {
  it('reads back what it wrote, and leaves out what is usual', () => {
    const filter = { window: 'week', reason: 'no_signature', remote: '192.0.2.0/24' } as const;
    expect(filterOf(new URLSearchParams(searchOf(filter)))).toEqual(filter);
    expect(searchOf(filterOf(new URLSearchParams('window=odd&reason=%20')))).toEqual({});
  });
});

describe('the bars', () => {
  it('begin a day or a week ago and end with the running hour', () => {
    expect(new Date(sinceOf('day', NOW)).toISOString()).toBe('2026-11-21T13:00:00.000Z');
    expect(new Date(sinceOf('week', NOW)).toISOString()).toBe('2026-11-15T13:00:00.000Z');
  });

  it('add up the doors of one reason and leave the others out', () => {
    const counts = [
      count('21T13', 'a', 1),
      count('22T12', 'a', 2),
      count('22T12', 'a', 3),
      count('22T12', 'b', 9),
      count('21T12', 'a', 7),
      count('22T13', 'a', 7),
    ];
    const found = bars(counts, 'a', 'day', sinceOf('day', NOW));
    expect([found.length, found[0], found[23]]).toEqual([24, 1, 5]);
    expect(found.reduce((sum, one) => sum + one)).toBe(6);
  });

  it('hold six hours each in a week', () => {
    const found = bars(
      [count('15T13', 'a', 1), count('15T18', 'a', 1), count('22T12', 'a', 4)],
      'a',
      'week',
      sinceOf('week', NOW),
    );
    expect([found.length, found[0], found[27]]).toEqual([28, 2, 4]);
  });
});

describe('what was typed', () => {
  const typed = { body: '{"a": 1}\n', isBase64: false, header: ' signature ', value: ' ab ', more: '', secret: ' ' };

  it('becomes a question whose body is exactly what was typed', () => {
    expect(questionOf(typed)).toEqual({ question: { body: '{"a": 1}\n', headers: { signature: 'ab' } } });
  });

  it('may have more headers, a secret, and a body in base64', () => {
    const more = 'Heygen-Timestamp: 17:00\n\n x: y ';
    const asked = questionOf({ ...typed, body: 'YQ\n==', isBase64: true, more, secret: 'whsec_1' });
    expect(asked).toEqual({
      question: {
        body_base64: 'YQ==',
        headers: { signature: 'ab', 'Heygen-Timestamp': '17:00', x: 'y' },
        secret: 'whsec_1',
      },
    });
  });

  it('names the line that is no header', () => {
    expect(questionOf({ ...typed, more: 'a: b\nnot one' })).toEqual({ badLine: 'not one' });
    expect(questionOf({ ...typed, more: ': b' })).toEqual({ badLine: ': b' });
  });

  it('can only be text when no byte would change', () => {
    expect([isText('{}\n'), isText('{}\r\n'), isText('\ufffd')]).toEqual([true, false, false]);
  });
});

describe('the list', () => {
  function list(answers: (limit: number) => Promise<{ data: Rejection[]; next_cursor: string | null }>) {
    const asked: string[] = [];
    const ask = {
      list: (_: unknown, limit: number) => answers(limit),
      counts: async (since: string) => {
        asked.push(since);
        return nothing;
      },
    };
    const filter = { window: 'day', reason: null, remote: null } as const;
    return { asked, rejections: new RejectionList(filter, ask, () => NOW) };
  }

  it('shows more on demand, up to what the server gives at once', async () => {
    const { rejections, asked } = list(async (limit) => ({ data: [rejection(limit)], next_cursor: 'more' }));
    await rejections.load();
    expect(asked).toEqual(['2026-11-21T13:00:00.000Z']);
    for (const limit of [50, 100, 150, 200, 200]) {
      expect(rejections.shown.map(({ id }) => id)).toEqual([String(limit)]);
      await rejections.older();
    }
    expect([rejections.isFull, rejections.hasOlder]).toEqual([true, true]);
  });

  it('keeps what it knew when it cannot ask, and forgets answers that come too late', async () => {
    const waiting: ((answer: { data: Rejection[]; next_cursor: null }) => void)[] = [];
    let fails = false;
    const { rejections } = list(() =>
      fails ? Promise.reject(new Problem(503, 'away', 'Away')) : new Promise((done) => waiting.push(done)),
    );
    const [first, second] = [rejections.load(), rejections.load()];
    waiting[1]?.({ data: [rejection(2)], next_cursor: null });
    await second;
    waiting[0]?.({ data: [rejection(1)], next_cursor: null });
    expect(await first).toBe(true);
    fails = true;
    expect(await rejections.load()).toBe(false);
    expect([rejections.shown[0]?.id, rejections.loaded, rejections.problem?.code]).toEqual(['2', true, 'away']);
  });
});
