/** Numbers and times as people say them. Everything is given the moment it is asked at: nothing here reads the clock. */

import { words } from './words.ts';

const MB = 1_000_000;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** "12.4 MB", "54 MB", "1.25 GB": three figures at most, decimal units as stores and HeyGen use them. */
export function bytes(count: number): string {
  if (count < 1000) return `${count} B`;
  const [unit, name] = count < MB ? [1000, 'kB'] : count < 1000 * MB ? [MB, 'MB'] : [1000 * MB, 'GB'];
  return `${figures(count / unit)} ${name}`;
}

/** "12.4 of 54 MB", in the unit of the whole; "12.4 MB so far" while the whole is unknown. */
export function bytesOf(count: number, total: number | null): string {
  if (total === null || total <= 0) return words.progress.soFar(bytes(count));
  const [whole, name = ''] = bytes(total).split(' ');
  const unit = { B: 1, kB: 1000, MB, GB: 1000 * MB }[name] ?? 1;
  const part = Math.min(count, total) / unit;
  // One fixed decimal, so that the figure does not change its width while it runs.
  return words.progress.of(
    part >= 100 || unit === 1 ? Math.floor(part).toString() : part.toFixed(1),
    `${whole} ${name}`,
  );
}

function figures(value: number): string {
  const decimals = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return value.toFixed(decimals).replace(/\.?0+$/, (zeros) => (zeros.startsWith('.') ? '' : zeros));
}

/** Minutes left, rounded up and never below one; null when the moment has passed: then we no longer claim to know. */
export function minutesLeft(etaAt: string | null, now: number): number | null {
  if (etaAt === null) return null;
  const left = Date.parse(etaAt) - now;
  return left > 0 ? Math.max(1, Math.round(left / MINUTE)) : null;
}

/** "about 3 min left", "less than a minute left", or null when nothing honest can be said. */
export function etaWords(etaAt: string | null, now: number): string | null {
  const left = minutesLeft(etaAt, now);
  if (left === null || etaAt === null) return null;
  if (Date.parse(etaAt) - now < MINUTE) return words.eta.lessThanMinute;
  return left < 90 ? words.eta.minutes(left) : words.eta.hours(Math.round(left / 60));
}

/** "just now", "4 min ago", "3 h ago", "yesterday", then the date. */
export function ago(at: string, now: number, locale?: string): string {
  const passed = now - Date.parse(at);
  if (passed < 45_000) return words.ago.now;
  if (passed < 59.5 * MINUTE) return words.ago.minutes(Math.max(1, Math.round(passed / MINUTE)));
  if (passed < 23.5 * HOUR) return words.ago.hours(Math.round(passed / HOUR));
  if (passed < 6.5 * DAY) return words.ago.days(Math.max(1, Math.round(passed / DAY)));
  const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  return new Intl.DateTimeFormat(locale, {
    day: 'numeric',
    month: 'short',
    ...(sameYear ? {} : { year: 'numeric' }),
  }).format(new Date(at));
}

/** How long until then: "in a moment" (also when it has just come), "in 40 s", "in 4 min", "in 3 h", "in 2 days". */
export function ahead(at: string, now: number): string {
  const left = Date.parse(at) - now;
  // The page's clock moves every ten seconds: nothing finer is claimed.
  if (left <= 10_000) return words.ahead.moment;
  if (left < 55_000) return words.ahead.seconds(Math.round(left / 10_000) * 10);
  if (left < 59.5 * MINUTE) return words.ahead.minutes(Math.max(1, Math.round(left / MINUTE)));
  if (left < 36 * HOUR) return words.ahead.hours(Math.round(left / HOUR));
  return words.ahead.days(Math.round(left / DAY));
}

/** "4.5 %" of a part from 0 to 1. One that is small, but not nothing, never reads as nothing. */
export function percent(part: number): string {
  if (part > 0 && part < 0.0005) return '< 0.1 %';
  return `${(part * 100).toFixed(1).replace(/\.0$/, '')} %`;
}

/** The full local moment, for titles and timelines. */
export function moment(at: string, locale?: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'medium' }).format(new Date(at));
}

/** To the millisecond, with the name of the person's zone: what logs are compared by. */
export function exactMoment(at: string, locale?: string): string {
  return new Intl.DateTimeFormat(locale, {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    fractionalSecondDigits: 3,
    timeZoneName: 'short',
  }).format(new Date(at));
}

/** The local day, said once before what happened on it. */
export function day(at: string, locale?: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'full' }).format(new Date(at));
}

/** The local time of day with seconds. */
export function clockTime(at: string, locale?: string): string {
  return new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', second: '2-digit' }).format(
    new Date(at),
  );
}

/** "0:48", "12:05", "1:02:03". */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const tail = `${h > 0 ? String(m).padStart(2, '0') : m}:${String(s).padStart(2, '0')}`;
  return h > 0 ? `${h}:${tail}` : tail;
}

/** How long a step took: "0.4 s", "38 s", "6 min 12 s", "2 h 5 min". */
export function took(ms: number): string {
  if (ms < 10_000) return `${(Math.floor(Math.max(0, ms) / 100) / 10).toFixed(1)} s`;
  if (ms < MINUTE) return `${Math.floor(ms / 1000)} s`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min ${Math.floor((ms % MINUTE) / 1000)} s`;
  return `${Math.floor(ms / HOUR)} h ${Math.floor((ms % HOUR) / MINUTE)} min`;
}

/** JSON laid out for reading; anything that is not JSON comes back as it was. */
export function pretty(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}
