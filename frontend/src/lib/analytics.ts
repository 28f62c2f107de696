/** Which time the page of numbers is about, and how a number differs from the one before. */

import type { Asked, Point, Step } from './api/analytics.ts';
import { took } from './format.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const RANGES = { day: DAY, week: 7 * DAY, month: 30 * DAY, quarter: 90 * DAY, year: 365 * DAY };
export type RangeName = keyof typeof RANGES;
export const RANGE_NAMES = Object.keys(RANGES) as RangeName[];

export interface Range {
  /** Null: the days that somebody chose. */
  name: RangeName | null;
  /** Local days, the last one included. */
  days: { from: string; to: string } | null;
}

/** The range in an address; a week when it names none that can be meant. */
export function rangeOf(query: URLSearchParams): Range {
  const [from, to] = [query.get('from') ?? '', query.get('to') ?? ''];
  if (isDay(from) && isDay(to) && from <= to) return { name: null, days: { from, to } };
  const named = RANGE_NAMES.find((name) => name === query.get('range'));
  return { name: named ?? 'week', days: null };
}

/** What is asked of the server at *now*. */
export function askedOf({ name, days }: Range, now: number): Asked {
  if (days !== null) {
    const end = midnight(days.to);
    end.setDate(end.getDate() + 1);
    return { from: midnight(days.from).toISOString(), to: end.toISOString() };
  }
  return { from: new Date(now - RANGES[name ?? 'week']).toISOString(), to: new Date(now).toISOString() };
}

/** Points that are neither too few nor too many to be read. */
export function stepOf({ from, to }: Asked): Step {
  const long = Date.parse(to) - Date.parse(from);
  return long <= 2 * DAY ? 'hour' : long <= 120 * DAY ? 'day' : 'week';
}

/** "+12 %", "−3 %", "0 %", or null when there was nothing before. */
export function change(now: number | null | undefined, before: number | null | undefined): string | null {
  if (now == null || before == null || before === 0) return null;
  const part = Math.round((now / before - 1) * 100);
  return `${part > 0 ? '+' : part < 0 ? '−' : ''}${Math.abs(part)} %`;
}

/** The moment of a point, as short as its step allows. */
export function pointName({ at }: Pick<Point, 'at'>, step: Step, locale?: string): string {
  const format: Intl.DateTimeFormatOptions =
    step === 'hour' ? { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' } : { dateStyle: 'medium' };
  return new Intl.DateTimeFormat(locale, format).format(new Date(at));
}

/** The same below a chart, where there is little room. */
export function markName(at: number, step: Step, locale?: string): string {
  const format: Intl.DateTimeFormatOptions =
    step === 'hour' ? { hour: '2-digit', minute: '2-digit' } : { day: 'numeric', month: 'short' };
  return new Intl.DateTimeFormat(locale, format).format(new Date(at));
}

/** "26 ms", then as every other duration. */
export function long(ms: number): string {
  return ms > 0 && ms < 1000 ? `${Math.round(ms)} ms` : took(ms);
}

function isDay(text: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(midnight(text).getTime());
}

function midnight(day: string): Date {
  return new Date(`${day}T00:00`);
}
