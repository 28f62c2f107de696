import { describe, expect, it } from 'vitest';
import type { Delivery } from '../src/lib/api/deliveries.ts';
import type { Rejection } from '../src/lib/api/rejections.ts';
import { asCurl, bytesOf, filterOf, hexdump, isOfEvents, joined, merged, searchOf } from '../src/lib/deliveries.ts';
import type { InboxEvent } from '../src/lib/types.ts';

const event = (id: string) => ({ id, received_at: `2026-11-22T12:00:0${id}.000Z` }) as InboxEvent;
const rejection = (id: string) => ({ id, at: `2026-11-22T12:00:0${id}.000Z` }) as Rejection;

describe('the filter', () => {
  it('stands in the address, only what is not usual', () => {
    const search = new URLSearchParams('show=refused&type=avatar_video.fail&since=2026-11-22T09:00:00Z&until=never');
    const filter = filterOf(search);
    expect(filter).toMatchObject({ show: 'refused', type: 'avatar_video.fail', until: null });
    expect(searchOf(filter)).toEqual({
      show: 'refused',
      type: 'avatar_video.fail',
      since: '2026-11-22T09:00:00.000Z',
    });
    expect(searchOf(filterOf(new URLSearchParams('show=nonsense')))).toEqual({});
  });

  it('leaves refused requests out when it asks for what they do not have', () => {
    expect(isOfEvents(filterOf(new URLSearchParams('video=v1')))).toBe(true);
    expect(isOfEvents(filterOf(new URLSearchParams('since=2026-11-22T09:00:00Z')))).toBe(false);
  });
});

describe('both lists as one', () => {
  it('are newest first', () => {
    const all = merged({
      events: [event('5'), event('2')],
      moreEvents: false,
      refused: [rejection('4'), rejection('1')],
      moreRefused: false,
    });
    expect(all.map(({ id }) => id)).toEqual(['5', '4', '2', '1']);
  });

  it('end where entries of the other may be missing', () => {
    const all = merged({
      events: [event('5'), event('4')],
      moreEvents: true,
      refused: [rejection('1')],
      moreRefused: true,
    });
    expect(all.map(({ id }) => id)).toEqual(['5', '4']);
  });
});

describe('a newer page', () => {
  it('is put upon what was known, which may have changed meanwhile', () => {
    const fresh = { ...event('3'), state: 'applied' } as InboxEvent;
    expect(joined([event('3'), event('2'), event('1')], [event('4'), fresh])).toEqual([
      event('4'),
      fresh,
      event('2'),
      event('1'),
    ]);
    expect(joined([], [event('1')])).toEqual([event('1')]);
    expect(joined([event('1')], [])).toEqual([]);
  });

  it('that does not touch what was known takes its place', () => {
    expect(joined([event('1')], [event('5'), event('4')])).toBeNull();
  });
});

describe('a delivery as a command', () => {
  const delivery = {
    body: `{"a": "it's"}`,
    source: 'webhook',
    headers: [
      ['Host', 'old'],
      ['signature', 'ab'],
      ['authorization', '***'],
    ],
  } as unknown as Delivery;

  it('has the same bytes and headers, safe in a shell', () => {
    expect(asCurl(delivery, 'https://r')).toBe(
      `curl 'https://r/webhooks/heygen' -H 'signature: ab' --data-binary '{"a": "it'\\''s"}'`,
    );
  });

  it('is none for bytes that are no text, or that were never sent', () => {
    expect(asCurl({ ...delivery, body: '\ufffd' }, '')).toBeNull();
    expect(asCurl({ ...delivery, source: 'reconcile' }, '')).toBeNull();
  });
});

it('bytes are shown sixteen to a line', () => {
  expect(hexdump(bytesOf(btoa('{"a":1}\xff')), 100)).toBe(`000000  7b 22 61 22 3a 31 7d ff${' '.repeat(24)}  {"a":1}.`);
  expect(hexdump(new Uint8Array(40), 32).split('\n')).toHaveLength(2);
});
