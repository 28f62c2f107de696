/** The deliveries page, worked out: its filter as an address, two lists as one, and one delivery as a command. */

import type { Delivery, DeliveryQuery } from './api/deliveries.ts';
import type { Rejection } from './api/rejections.ts';
import type { InboxEvent } from './types.ts';

export type Show = 'all' | 'events' | 'refused';
export const SHOWS: readonly Show[] = ['all', 'events', 'refused'];
export const STATES = ['pending', 'applied', 'ignored'] as const;
export const SOURCES = ['webhook', 'callback', 'reconcile'] as const;

export interface DeliveryFilter {
  show: Show;
  q: string | null;
  type: string | null;
  state: string | null;
  source: string | null;
  video: string | null;
  since: string | null;
  until: string | null;
}

const FIELDS = ['q', 'type', 'state', 'source', 'video', 'since', 'until'] as const;

export function filterOf(search: URLSearchParams): DeliveryFilter {
  const text = (name: string) => search.get(name)?.trim() || null;
  const show = SHOWS.find((one) => one === search.get('show')) ?? 'all';
  const [q, type, state, source, video, since, until] = FIELDS.map(text) as (string | null)[];
  return {
    show,
    q: q ?? null,
    type: type ?? null,
    state: state ?? null,
    source: source ?? null,
    video: video ?? null,
    since: moment(since ?? null),
    until: moment(until ?? null),
  };
}

/** The filter as it stands in an address: only what is not usual. */
export function searchOf(filter: DeliveryFilter): Record<string, string> {
  const given = FIELDS.flatMap((name) => (filter[name] === null ? [] : [[name, filter[name]] as const]));
  return { ...(filter.show === 'all' ? {} : { show: filter.show }), ...Object.fromEntries(given) };
}

/** Whether it asks for what only an event has: then refused requests cannot match. */
export function isOfEvents({ q, type, state, source, video }: DeliveryFilter): boolean {
  return [q, type, state, source, video].some((value) => value !== null);
}

export function isNarrowed(filter: DeliveryFilter): boolean {
  return filter.show !== 'all' || FIELDS.some((name) => filter[name] !== null);
}

export function queryOf({ q, type, state, source, video, since, until }: DeliveryFilter): DeliveryQuery {
  return { q, type, state, source, video_id: video, since, until };
}

/** A moment as the API takes it; what is none counts as not given. */
function moment(text: string | null): string | null {
  const at = text === null ? Number.NaN : Date.parse(text);
  return Number.isNaN(at) ? null : new Date(at).toISOString();
}

export type Knock = { id: string; at: string } & ({ event: InboxEvent } | { rejection: Rejection });

/** One page of each list, and whether there is more behind it. */
export interface Pages {
  events: readonly InboxEvent[];
  moreEvents: boolean;
  refused: readonly Rejection[];
  moreRefused: boolean;
}

/**
 * Both as one list, newest first: ids sort by time. It ends where the shorter of two unfinished lists does, for what lies
 * behind that may be missing entries of the other.
 */
export function merged({ events, moreEvents, refused, moreRefused }: Pages): Knock[] {
  const ends = [...(moreEvents ? [events.at(-1)?.id ?? ''] : []), ...(moreRefused ? [refused.at(-1)?.id ?? ''] : [])];
  const end = ends.sort().at(-1) ?? '';
  const all: Knock[] = [
    ...events.map((event) => ({ id: event.id, at: event.received_at, event })),
    ...refused.map((rejection) => ({ id: rejection.id, at: rejection.at, rejection })),
  ];
  return all.filter(({ id }) => id >= end).sort((a, b) => (a.id < b.id ? 1 : -1));
}

/** The newest page put upon what was known; null when they do not touch, so that something may lie between. */
export function joined<T extends { id: string }>(known: readonly T[], newest: readonly T[]): T[] | null {
  const last = newest.at(-1)?.id;
  if (last === undefined || known.length === 0) return [...newest];
  if (last > (known[0]?.id ?? '')) return null;
  return [...newest, ...known.filter(({ id }) => id < last)];
}

/** Headers that belong to a connection, not to what was sent over it. */
const OF_THE_CONNECTION = new Set(['accept-encoding', 'connection', 'content-length', 'host', 'transfer-encoding']);

/** A command that sends it again, as it came; null for bytes that a shell cannot be given as text. */
export function asCurl(delivery: Delivery, origin: string): string | null {
  if (delivery.body.includes('\ufffd') || delivery.source === 'reconcile') return null;
  const headers = delivery.headers
    .filter(([name, value]) => !OF_THE_CONNECTION.has(name.toLowerCase()) && value !== '***')
    .map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`);
  return ['curl', quoted(`${origin}/webhooks/heygen`), ...headers, `--data-binary ${quoted(delivery.body)}`].join(' ');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

export function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}

/** Sixteen bytes to a line: offset, hex, and what is printable of them. */
export function hexdump(bytes: Uint8Array, most: number): string {
  const lines: string[] = [];
  for (let at = 0; at < Math.min(bytes.length, most); at += 16) {
    const row = [...bytes.subarray(at, Math.min(at + 16, most))];
    const hex = row.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const text = row.map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '.')).join('');
    lines.push(`${at.toString(16).padStart(6, '0')}  ${hex.padEnd(47)}  ${text}`);
  }
  return lines.join('\n');
}
