/** The client of `/errors`: what went wrong, by what and where, and whether it is mended. */

import { type List, query, request, segment } from '../api.ts';
import type { ErrorShow } from '../errors.ts';
import type { Actor } from './incidents.ts';

export interface ErrorGroup {
  id: string;
  code: string;
  place: string;
  /** Nobody foresaw it; else an attempt at a job failed for a reason with a name. */
  unexpected: boolean;
  message: string;
  state: 'open' | 'resolved';
  count: number;
  first_seen_at: string;
  last_seen_at: string;
  came_back: number;
  version: string;
  resolved: { at: string; by: Actor } | null;
}

/** One time that it happened. */
export interface Sample {
  at: string;
  message: string;
  event_id: string | null;
  video_id: string | null;
  job_id: string | null;
  /** Its method and path. */
  request: string | null;
  request_id: string | null;
}
export type ErrorDetail = ErrorGroup & { traceback: string | null; samples: Sample[] };

const ASKED = {
  open: { state: 'open', unexpected: null },
  unexpected: { state: 'open', unexpected: 'true' },
  attempts: { state: 'open', unexpected: 'false' },
  resolved: { state: 'resolved', unexpected: null },
} satisfies Record<ErrorShow, object>;
const one = (id: string) => `/errors/${segment(id)}`;

export const errorApi = {
  list: (show: ErrorShow, limit: number) =>
    request<List<ErrorGroup>>('GET', `/errors${query({ ...ASKED[show], limit })}`),
  one: (id: string) => request<ErrorDetail>('GET', one(id)),
  resolve: (id: string) => request<ErrorDetail>('POST', `${one(id)}/resolve`),
  reopen: (id: string) => request<ErrorDetail>('POST', `${one(id)}/reopen`),
};
