/** What the rejections page shows, worked out: the bars of a window, and a request as it is typed. */

import type { HourCount, SignatureQuestion } from './api/rejections.ts';

const HOUR_MS = 3_600_000;

export const WINDOWS = {
  day: { hours: 24, hoursPerBar: 1 },
  week: { hours: 168, hoursPerBar: 6 },
} as const;
export type WindowName = keyof typeof WINDOWS;

export interface RejectionFilter {
  window: WindowName;
  reason: string | null;
  remote: string | null;
}

export function filterOf(search: URLSearchParams): RejectionFilter {
  const text = (name: string) => search.get(name)?.trim() || null;
  return { window: search.get('window') === 'week' ? 'week' : 'day', reason: text('reason'), remote: text('remote') };
}

/** The filter as it stands in an address: only what is not usual. */
export function searchOf(filter: RejectionFilter): Record<string, string> {
  return {
    ...(filter.window === 'week' ? { window: 'week' } : {}),
    ...(filter.reason === null ? {} : { reason: filter.reason }),
    ...(filter.remote === null ? {} : { remote: filter.remote }),
  };
}

export function isNarrowed({ reason, remote }: RejectionFilter): boolean {
  return reason !== null || remote !== null;
}

/** The first hour that a window counts; the running hour is its last. */
export function sinceOf(window: WindowName, now: number): number {
  const hour = Math.floor(now / HOUR_MS) * HOUR_MS;
  return hour - (WINDOWS[window].hours - 1) * HOUR_MS;
}

/** How many were refused in each bar of the window, the oldest first. */
export function bars(counts: readonly HourCount[], reason: string, window: WindowName, since: number): number[] {
  const { hours, hoursPerBar } = WINDOWS[window];
  const found = Array.from({ length: hours / hoursPerBar }, () => 0);
  for (const count of counts) {
    const index = Math.floor((Date.parse(count.hour) - since) / HOUR_MS / hoursPerBar);
    if (count.reason === reason && found[index] !== undefined) found[index] += count.refused;
  }
  return found;
}

export interface TypedCheck {
  body: string;
  isBase64: boolean;
  header: string;
  value: string;
  more: string;
  secret: string;
}

/** What was typed as a question, or the first line that is no header. */
export function questionOf(typed: TypedCheck): { question: SignatureQuestion } | { badLine: string } {
  const headers: Record<string, string> = {};
  for (const line of typed.more.split('\n').filter((text) => text.trim() !== '')) {
    const colon = line.indexOf(':');
    if (colon < 1) return { badLine: line.trim() };
    headers[line.slice(0, colon).trim()] = line.slice(colon + 1).trim();
  }
  headers[typed.header.trim()] = typed.value.trim();
  return {
    question: {
      ...(typed.isBase64 ? { body_base64: typed.body.replace(/\s+/g, '') } : { body: typed.body }),
      headers,
      ...(typed.secret.trim() === '' ? {} : { secret: typed.secret }),
    },
  };
}

/** Whether the kept bytes came through as text, and can be typed as such. */
export function isText(body: string): boolean {
  return !body.includes('\ufffd') && !body.includes('\r');
}
