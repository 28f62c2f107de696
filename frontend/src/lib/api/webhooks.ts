/** The client of `/subscription-endpoints`: where messages to other systems go, and how each of them fared. */

import { type List, query, request, segment } from '../api.ts';

export type EndpointState = 'enabled' | 'paused' | 'disabled';
export type DeliveryState = 'pending' | 'delivered' | 'failed' | 'discarded';

export interface Endpoint {
  id: string;
  url: string;
  description: string;
  /** null: all of them. */
  types: string[] | null;
  /** null: whoever owns the video. */
  subject: string | null;
  state: EndpointState;
  reason: string | null;
  created_at: string;
  failing_since: string | null;
  last_attempt: { at: string; status: number | null; error: string | null } | null;
  pending: number;
  failed: number;
  secrets: { created_at: string; expires_at: string | null }[];
}
/** With the secret, which no other answer holds. */
export type EndpointWithSecret = Endpoint & { secret: string };

export interface Delivery {
  id: string;
  message_id: string;
  type: string;
  video_id: string | null;
  state: DeliveryState;
  attempts: number;
  last_status: number | null;
  last_error: string | null;
  created_at: string;
  settled_at: string | null;
}
export interface Attempt {
  at: string;
  ms: number;
  status: number | null;
  error: string | null;
  headers: Record<string, string>;
  body: string;
  cut: boolean;
}
export type DeliveryDetail = Delivery & {
  payload: string;
  next_attempt_at: string | null;
  attempts_made: Attempt[];
};

export interface EndpointFields {
  url: string;
  description: string;
  types: string[] | null;
  subject: string | null;
}
export interface ReplayOf {
  failed_only: boolean;
  since?: string;
  until?: string;
}

const ROOT = '/subscription-endpoints';
const one = (id: string) => `${ROOT}/${segment(id)}`;
const delivery = (id: string, deliveryId: string) => `${one(id)}/deliveries/${segment(deliveryId)}`;

export const webhooks = {
  endpoints: () => request<List<Endpoint>>('GET', `${ROOT}${query({ limit: 200 })}`),
  endpoint: (id: string) => request<Endpoint>('GET', one(id)),
  create: (fields: EndpointFields) => request<EndpointWithSecret>('POST', ROOT, fields),
  change: (id: string, fields: Partial<EndpointFields> & { paused?: boolean }) =>
    request<Endpoint>('PATCH', one(id), fields),
  remove: (id: string) => request<void>('DELETE', one(id)),
  rotate: (id: string, overlapH: number) =>
    request<EndpointWithSecret>('POST', `${one(id)}/rotate-secret`, { overlap_h: overlapH }),
  test: (id: string) => request<DeliveryDetail>('POST', `${one(id)}/test`),
  deliveries: (id: string, state: DeliveryState | null, cursor: string | null = null) =>
    request<List<Delivery>>('GET', `${one(id)}/deliveries${query({ limit: 50, state, cursor })}`),
  delivery: (id: string, deliveryId: string) => request<DeliveryDetail>('GET', delivery(id, deliveryId)),
  replay: (id: string, deliveryId: string) => request<DeliveryDetail>('POST', `${delivery(id, deliveryId)}/replay`),
  replayMany: (id: string, which: ReplayOf) => request<{ deliveries: number }>('POST', `${one(id)}/replay`, which),
};
