/** Incidents and rules as a person looks at them. Nothing here reads the clock. */

import type { Incident, Rule, Unit } from './api/incidents.ts';
import { number } from './text.ts';

const HOUR = 3_600_000;

/** How long an incident may be silenced, as it can be chosen. */
export const SILENCES = ['hour', 'hours', 'morning', 'week'] as const;
export type Silence = (typeof SILENCES)[number];

/** The end of a silence that begins now. In the morning is at nine by the clock on the wall, tomorrow. */
export function silencedUntil(choice: Silence, now: number): string {
  const ends = { hour: now + HOUR, hours: now + 4 * HOUR, morning: morningAfter(now), week: now + 7 * 24 * HOUR };
  // The server allows a week and not a second more, and its clock may be behind ours.
  return new Date(choice === 'week' ? ends.week - 60_000 : ends[choice]).toISOString();
}

function morningAfter(now: number): number {
  const day = new Date(now);
  day.setDate(day.getDate() + 1);
  return day.setHours(9, 0, 0, 0);
}

export function isSilenced({ silenced_until }: Pick<Incident, 'silenced_until'>, now: number): boolean {
  return silenced_until !== null && Date.parse(silenced_until) > now;
}

/** The worst first, drills last; of those that are equally bad the newest. */
export function byUrgency(a: Incident, b: Incident): number {
  return rank(a) - rank(b) || (a.id < b.id ? 1 : -1);
}

function rank({ drill, severity }: Incident): number {
  return drill ? 2 : severity === 'critical' ? 0 : 1;
}

const SIGNS = { percent: '%', minutes: 'min', seconds: 's' };

/** "91 %", "2 min", "1,204": a value as it is read. */
export function amount(value: number, unit: Unit): string {
  if (unit === 'count' || unit === 'state') return number(Math.round(value));
  const figure = value >= 100 ? number(Math.round(value)) : String(Number(value.toFixed(value < 1 ? 3 : 1)));
  return `${figure} ${SIGNS[unit]}`;
}

/** How much of the way to its threshold a value has come, from 0 to 1; null where there is nothing to draw. */
export function share({ value, threshold, unit }: Pick<Rule, 'value' | 'threshold' | 'unit'>): number | null {
  if (value === null || unit === 'state' || threshold <= 0) return null;
  return Math.min(1, Math.max(0, value / threshold));
}

/** The number somebody typed as a threshold; null when it is none. */
export function thresholdOf(typed: string, unit: Unit): number | null {
  const value = Number(typed.trim().replace(',', '.'));
  if (typed.trim() === '' || !Number.isFinite(value) || value <= 0) return null;
  return unit === 'percent' && value > 100 ? null : value;
}
