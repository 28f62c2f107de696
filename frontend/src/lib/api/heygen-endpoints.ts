/** HeyGen's endpoints that call here, and what is known of the secrets they sign with. */

import { request, segment } from '../api.ts';

export interface WebhookSecret {
  fingerprint: string;
  source: string;
  endpoint_id: string | null;
  /** `replaced`: still taken until `retires_at`. */
  state: 'live' | 'replaced' | 'retired' | 'unreadable';
  in_settings: boolean;
  created_at: string;
  retires_at: string | null;
  uses: number;
  last_used_at: string | null;
}

export interface HeyGenEndpoint {
  id: string;
  url: string;
  /** null: all of them. */
  events: string[] | null;
  status: string;
  created_at: string | null;
  ours: boolean;
  secrets: WebhookSecret[];
}

export interface Registration {
  new: boolean;
  test: { arrived: boolean; said: string; event_id: string | null };
}

interface Secrets {
  data: WebhookSecret[];
  unfinished: { kind: string; target: string; begun_at: string }[];
}

const ENDPOINTS = '/webhook-endpoints';
/** HeyGen is asked, and the test has to come back through the internet. */
const PATIENT_MS = 60_000;

export const heygenEndpoints = {
  all: () => request<{ data: HeyGenEndpoint[] }>('GET', ENDPOINTS),
  secrets: () => request<Secrets>('GET', '/webhook-secrets'),
  register: () => request<Registration>('POST', ENDPOINTS, {}, PATIENT_MS),
  rotate: (id: string, overlapH: number) =>
    request<{ retires_at: string }>(
      'POST',
      `${ENDPOINTS}/${segment(id)}/rotate-secret`,
      { overlap_h: overlapH },
      PATIENT_MS,
    ),
};
