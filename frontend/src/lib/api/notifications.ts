/** What a person is told, on all their devices. */

import { query, request, segment } from '../api.ts';

export type NotificationKind = 'ready' | 'failed' | 'late' | 'unarchived' | 'incident';

export interface Notification {
  id: string;
  /** Other kinds may come. */
  kind: NotificationKind | (string & {});
  severity: 'info' | 'attention' | 'critical';
  title: string;
  body: string;
  /** A path in the dashboard. */
  url: string;
  video_id: string | null;
  incident_id: string | null;
  created_at: string;
  seen_at: string | null;
  /** Made in quiet hours: shown in the page and nowhere else. */
  quiet: boolean;
  channels: string[];
}

export interface NotificationPage {
  data: Notification[];
  next_cursor: string | null;
  unseen: number;
  stream_id: number;
}

/** How one way went. */
export interface Delivery {
  channel: string;
  state: 'pending' | 'sent' | 'failed' | 'unknown' | 'suppressed';
  target: string | null;
  error: string | null;
  at: string | null;
}

export const notificationApi = {
  list: (limit: number, unseen?: boolean, cursor: string | null = null) =>
    request<NotificationPage>('GET', `/me/notifications${query({ limit, unseen: unseen ? 'true' : null, cursor })}`),
  /** One is enough; `up_to` includes all older ones. */
  seen: (which: { up_to: string } | { ids: string[] }) => request<void>('POST', '/me/notifications/seen', which),
  claim: (id: string, effect: 'sound' | 'browser', device: string) =>
    request<{ mine: boolean }>('POST', `/me/notifications/${segment(id)}/claim`, { effect, device }),
  deliveries: (id: string) => request<{ data: Delivery[] }>('GET', `/me/notifications/${segment(id)}/deliveries`),
  again: (id: string, channel: string) =>
    request<void>('POST', `/me/notifications/${segment(id)}/deliveries/${segment(channel)}/again`),
  volume: () => request<{ volume: number }>('GET', '/me/preferences'),
};
