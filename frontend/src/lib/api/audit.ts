/** The audit log, as the API gives it. */

import { type List, query, request } from '../api.ts';

export interface AuditEntry {
  id: number;
  at: string;
  /** `person:ID`, `key:ID`, `local:local` (the machine itself), or what else acts: `settings`. */
  actor: string;
  action: string;
  target: string | null;
  remote: string | null;
  data: Record<string, unknown>;
  actor_name?: string | null;
  target_name?: string | null;
}

/** Which entries are asked for; names and values are those of `GET /audit`. */
export interface AuditQuery {
  actor?: string;
  action?: string;
  target?: string;
  since?: string;
  until?: string;
  q?: string;
}

export type ExportFormat = 'csv' | 'jsonl';

export function auditEntries(which: AuditQuery, cursor: string | null = null): Promise<List<AuditEntry>> {
  return request<List<AuditEntry>>('GET', `/audit${query({ ...which, limit: 50, cursor })}`);
}

export function exportUrl(which: AuditQuery, format: ExportFormat): string {
  return `/api/v1/audit/export${query({ ...which, format })}`;
}
