/** Everything that knocked: events as they came in, and what came of each. */

import { type List, query, request, segment } from '../api.ts';
import type { InboxEvent, InboxEventDetail } from '../types.ts';

export interface DeliveryQuery {
  /** An id of any kind. */
  q?: string | null;
  type?: string | null;
  state?: string | null;
  source?: string | null;
  video_id?: string | null;
  since?: string | null;
  until?: string | null;
}

export interface Delivery extends InboxEventDetail {
  replay_verdict: string | null;
  endpoint: string;
  body_base64: string;
  /** What a repeat is recognised by, as long as it is kept. */
  keys: { key: string; kept: boolean; event_id: string }[];
  changed: { at: string; kind: string; state: string | null; message: string }[];
}

export const deliveryApi = {
  events: (which: DeliveryQuery, cursor: string | null, limit: number) =>
    request<List<InboxEvent>>('GET', `/events${query({ ...which, limit, cursor })}`),
  one: (id: string) => request<Delivery>('GET', `/events/${segment(id)}`),
};
