/** What was refused at the front door, and the check of one signature. */

import { type List, query, request, segment } from '../api.ts';

export interface Rejection {
  id: string;
  at: string;
  endpoint: string;
  status: number;
  reason: string;
  title: string;
  detail: string;
  remote: string | null;
  headers: [string, string][];
  body: string;
  bytes: number;
}
export interface RejectionDetail extends Rejection {
  advice: string;
  /** The exact bytes, as far as they were kept. */
  body_base64: string;
  kept_bytes: number;
}

export interface HourCount {
  hour: string;
  endpoint: string;
  reason: string;
  refused: number;
  kept: number;
}
export interface ReasonCount {
  reason: string;
  title: string;
  refused: number;
  kept: number;
}
export interface RejectionCounts {
  since: string;
  until: string;
  data: HourCount[];
  reasons: ReasonCount[];
}

export interface SignatureQuestion {
  body?: string;
  body_base64?: string;
  headers: Record<string, string>;
  secret?: string;
}
export interface SignatureVerdict {
  right: boolean;
  reason: string | null;
  title: string;
  detail: string;
  advice: string | null;
  header: string | null;
  secret_id: string | null;
  secret_state: 'given' | 'live' | 'retired' | null;
  bytes: number;
  secrets: number;
}

export interface RejectionQuery {
  reason: string | null;
  remote: string | null;
}

export const rejectionApi = {
  list: (which: RejectionQuery, limit: number) =>
    request<List<Rejection>>('GET', `/rejections${query({ ...which, limit })}`),
  page: (which: { since: string | null; until: string | null }, cursor: string | null, limit: number) =>
    request<List<Rejection>>('GET', `/rejections${query({ ...which, limit, cursor })}`),
  one: (id: string) => request<RejectionDetail>('GET', `/rejections/${segment(id)}`),
  counts: (since: string) => request<RejectionCounts>('GET', `/rejections/counts${query({ since })}`),
  check: (question: SignatureQuestion) => request<SignatureVerdict>('POST', '/signature-check', question),
};
