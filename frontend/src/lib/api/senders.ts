/** What was learned from HeyGen's deliveries: where they come from, and how they differ from what is known of them. */

import { request } from '../api.ts';

export type Mode = 'off' | 'observe' | 'enforce';
export type Advice = 'wait' | 'trust_proxy' | 'observe' | 'observe_on' | 'enforce' | 'add' | 'nothing';

/** A network that rightly signed deliveries came from. `covered` is null while there is no list. */
export interface Sender {
  network: string;
  first_seen_at: string;
  last_seen_at: string;
  deliveries: number;
  outside: number;
  refused: number;
  outside_since: string | null;
  last_outside_at: string | null;
  covered: 'yes' | 'partly' | 'no' | null;
  own: boolean;
  proposed: boolean;
}

export interface Senders {
  mode: Mode;
  allow: string[];
  advice: Advice;
  proposal: { networks: string[]; setting: string | null };
  data: Sender[];
}

export type DriftKind = 'new_type' | 'new_field' | 'missing_field';

/** One difference between events of a type and what is known of it. `field` is null for a type that is new itself. */
export interface Difference {
  kind: DriftKind;
  type: string;
  field: string | null;
  events: number;
  first_seen_at: string;
  last_seen_at: string;
  last_event_id: string;
  last_video_id: string | null;
}

export const senders = () => request<Senders>('GET', '/senders');

export const schemaDrift = () => request<{ data: Difference[] }>('GET', '/schema-drift');
