/** Which processes run, and how each of them is. */

import { request } from '../api.ts';

export type ProcessState = 'running' | 'draining' | 'silent';
export type Role = 'server' | 'worker';

export interface Process {
  id: string;
  host: string;
  pid: number;
  roles: Role[];
  version: string;
  state: ProcessState;
  started_at: string;
  seen_at: string;
  streams: number;
  streams_opened: number;
  loop_lag_s: number;
  clock_skew_s: number;
  lacks: { name: string; required: boolean; since: string; reason: string }[];
  down: { name: string; since: string; code: string | null; reason: string }[];
  outage: { since: string; until: string | null; failed: number; reason: string } | null;
  telemetry: Record<string, string>;
}

export const processes = () => request<{ data: Process[] }>('GET', '/processes');
