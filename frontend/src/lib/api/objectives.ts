/** The client of `/objectives`: what the service promises, and how far it kept it. */

import { request } from '../api.ts';

export type ObjectiveName = 'acknowledged' | 'applied' | 'archived' | 'shown' | 'recovered';
export type Against =
  | 'database_unavailable'
  | 'service_limit'
  | 'no_secret'
  | 'secret_changing'
  | 'slow'
  | 'not_applied'
  | 'link_ended'
  | 'gave_up_waiting';

export interface ObjectiveWindow {
  days: number;
  total: number;
  bad: number;
  /** From 0 to 1; null when nothing happened. */
  share: number | null;
  /** 1: untouched, 0: used up, below: overspent. Null when there is none. */
  budget_left: number | null;
  p99_ms: number | null;
}
export interface Objective {
  name: ObjectiveName;
  target: number;
  within_ms: number | null;
  windows: ObjectiveWindow[];
  against: { reason: Against; count: number }[];
}

export const readObjectives = () => request<{ until: string; data: Objective[] }>('GET', '/objectives');
