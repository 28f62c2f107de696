/** The client of `/incidents` and `/rules`: what is wrong, what people do about it, and what is looked at. */

import { type List, query, request, segment } from '../api.ts';

export type Severity = 'warning' | 'critical';
export type Unit = 'count' | 'percent' | 'minutes' | 'seconds' | 'state';
export type EntryKind =
  | 'opened'
  | 'escalated'
  | 'resolved'
  | 'acknowledged'
  | 'silenced'
  | 'unsilenced'
  | 'assigned'
  | 'note';

/** Somebody who did something: a name when they have one. */
export interface Actor {
  actor: string;
  name: string | null;
}

export interface Incident {
  id: string;
  rule: string;
  subject: string;
  drill: boolean;
  state: 'open' | 'resolved';
  severity: Severity;
  value: number;
  says: string;
  title: string;
  means: string | null;
  helps: string | null;
  link: { label: string; path: string } | null;
  runbook: string | null;
  opened_at: string;
  escalated_at: string | null;
  acknowledged: { at: string; by: Actor } | null;
  silenced_until: string | null;
  assigned: { id: string; name: string | null } | null;
  resolved_at: string | null;
}

export interface Entry {
  at: string;
  kind: EntryKind;
  by: Actor | null;
  message: string;
  data: { severity?: Severity; until?: string };
}
export type IncidentDetail = Incident & { entries: Entry[] };

export interface IncidentCounts {
  open: number;
  warning: number;
  critical: number;
  drill: number;
}

export interface Rule {
  name: string;
  title: string;
  means: string;
  helps: string;
  runbook: string;
  unit: Unit;
  enabled: boolean;
  threshold: number;
  usual_threshold: number;
  levels: { at: number; severity: Severity }[];
  value: number | null;
  says: string | null;
  evaluated_at: string | null;
  state: 'calm' | 'open' | 'off';
  incident_id: string | null;
}

const ROOT = '/incidents';
const one = (id: string) => `${ROOT}/${segment(id)}`;
const rule = (name: string) => `/rules/${segment(name)}`;

export const incidentApi = {
  list: (state: Incident['state'], cursor: string | null = null) =>
    request<List<Incident>>('GET', `${ROOT}${query({ state, limit: state === 'open' ? 200 : 20, cursor })}`),
  counts: () => request<{ data: IncidentCounts }>('GET', `${ROOT}/counts`),
  one: (id: string) => request<IncidentDetail>('GET', one(id)),
  acknowledge: (id: string) => request<IncidentDetail>('POST', `${one(id)}/acknowledge`),
  silence: (id: string, until: string | null) => request<IncidentDetail>('POST', `${one(id)}/silence`, { until }),
  assign: (id: string, personId: string | null) =>
    request<IncidentDetail>('POST', `${one(id)}/assign`, { person_id: personId }),
  note: (id: string, text: string) => request<IncidentDetail>('POST', `${one(id)}/note`, { text }),
  resolve: (id: string) => request<IncidentDetail>('POST', `${one(id)}/resolve`),
  rules: () => request<{ data: Rule[] }>('GET', '/rules'),
  evaluate: () => request<{ data: Rule[] }>('POST', '/rules/evaluate'),
  changeRule: (name: string, changes: { enabled?: boolean; threshold?: number | null }) =>
    request<Rule>('PATCH', rule(name), changes),
  drill: (name: string) => request<IncidentDetail>('POST', `${rule(name)}/drill`),
};
