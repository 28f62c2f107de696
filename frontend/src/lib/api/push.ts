/** Where push messages of a person go. */

import { request, segment } from '../api.ts';

/** `fingerprint` is the SHA-256 of the endpoint in hex: a browser knows its own by it. */
export interface PushSubscriptionRow {
  id: string;
  device: string;
  host: string;
  fingerprint: string;
  created_at: string;
  last_used_at: string | null;
  failed_at: string | null;
}

export interface NewPushSubscription {
  endpoint: string | undefined;
  keys: { p256dh: string | undefined; auth: string | undefined };
  device: string | null;
}

export const pushApi = {
  key: () => request<{ key: string }>('GET', '/me/push-key'),
  list: () => request<{ data: PushSubscriptionRow[] }>('GET', '/me/push-subscriptions'),
  add: (subscription: NewPushSubscription) =>
    request<PushSubscriptionRow>('POST', '/me/push-subscriptions', subscription),
  remove: (id: string) => request<void>('DELETE', `/me/push-subscriptions/${segment(id)}`),
};
