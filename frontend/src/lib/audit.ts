/** Which part of the audit log is looked at: kept in the address, so that it can be sent to somebody. */

import type { AuditEntry, AuditQuery } from './api/audit.ts';
import { paths } from './router.svelte.ts';
import { auditWords } from './words/audit.ts';

/** All of it is text as in the address; *since* and *until* are whole days of the person's own calendar. */
export const FILTER_NAMES = ['q', 'actor', 'action', 'target', 'since', 'until'] as const;
export type AuditFilter = Record<(typeof FILTER_NAMES)[number], string>;

const DAY = /^\d{4}-\d{2}-\d{2}$/;

export function auditFilterOf(search: URLSearchParams): AuditFilter {
  const given = (name: string) => search.get(name)?.trim() ?? '';
  const day = (name: string) => (DAY.test(given(name)) && !Number.isNaN(Date.parse(given(name))) ? given(name) : '');
  return {
    q: given('q'),
    actor: given('actor'),
    action: given('action'),
    target: given('target'),
    since: day('since'),
    until: day('until'),
  };
}

export function auditPath(filter: AuditFilter): string {
  const given = FILTER_NAMES.filter((name) => filter[name] !== '').map((name) => [name, filter[name]]);
  return paths.section('audit', null, Object.fromEntries(given) as Record<string, string>);
}

export function isNarrowed(filter: AuditFilter): boolean {
  return FILTER_NAMES.some((name) => filter[name] !== '');
}

/** The same as the API takes it: *until* is the end of its day. */
export function auditQuery(filter: AuditFilter): AuditQuery {
  const { since, until, ...rest } = filter;
  return {
    ...rest,
    ...(since === '' ? {} : { since: startOf(since, 0) }),
    ...(until === '' ? {} : { until: startOf(until, 1) }),
  };
}

function startOf(day: string, later: number): string {
  const at = new Date(`${day}T00:00:00`);
  at.setDate(at.getDate() + later);
  return at.toISOString();
}

export interface AuditDay {
  day: string;
  entries: AuditEntry[];
}

/** In the order they come in, under the day as *dayOf* calls it. */
export function byDay(entries: readonly AuditEntry[], dayOf: (at: string) => string): AuditDay[] {
  const days: AuditDay[] = [];
  for (const entry of entries) {
    const day = dayOf(entry.at);
    const last = days.at(-1);
    if (last?.day === day) last.entries.push(entry);
    else days.push({ day, entries: [entry] });
  }
  return days;
}

/** Who it was, by the best name there is. */
export function actorName({ actor, actor_name, data }: AuditEntry): string {
  const named = actor_name ?? data.actor_name;
  return auditWords.actors[actor] ?? (typeof named === 'string' && named !== '' ? named : actor);
}

/** What it was done to: its name, and its page when it has one. Null when the action has no target. */
export function targetOf({
  action,
  target,
  target_name,
  data,
}: AuditEntry): { name: string; page: string | null } | null {
  if (target === null) return null;
  const said = [target_name, data.email, data.name].find((one) => typeof one === 'string' && one !== '');
  return { name: typeof said === 'string' ? said : target, page: pageOf(action, target) };
}

function pageOf(action: string, target: string): string | null {
  if (action === 'video.delete') return null;
  if (action.startsWith('video.')) return paths.video(target);
  if (action.startsWith('job.')) return `/jobs/${encodeURIComponent(target)}`;
  if (action.startsWith('key.')) return paths.section('keys');
  return null;
}

/** What else the entry says, but for what is shown already. */
export function details({ data, target_name, target }: AuditEntry): [string, string][] {
  const shown = new Set(['actor_name', ...(target === null || target_name ? [] : ['email', 'name'])]);
  return Object.entries(data)
    .filter(([name, value]) => !shown.has(name) && value !== null)
    .map(([name, value]) => [name.replaceAll('_', ' '), typeof value === 'string' ? value : JSON.stringify(value)]);
}
