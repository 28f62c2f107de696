/** What a person wants to hear, by which ways, and when. */

import { request, segment } from '../api.ts';
import type { NotificationKind } from './notifications.ts';

export const KINDS = ['ready', 'failed', 'late', 'unarchived', 'incident'] as const satisfies NotificationKind[];
/** Ways to one person, in the order in which they are shown. */
export const PERSONAL = ['in_app', 'sound', 'browser', 'push', 'email'] as const;
export type Personal = (typeof PERSONAL)[number];

export interface Choice {
  on: boolean;
  /** Which level decided. */
  from: 'default' | 'workspace' | 'mine';
  /** The person cannot decide otherwise. */
  locked: boolean;
}

export interface QuietHours {
  from: string;
  to: string;
  time_zone: string;
  /** On which they begin, Monday is 0; null: every day. */
  days: number[] | null;
}

export type Own = Partial<Record<NotificationKind, Partial<Record<Personal, boolean>>>>;

/** What can be changed; what is left out stays. */
export interface Wishes {
  mine?: Own;
  whose?: 'mine' | 'all';
  quiet_hours?: QuietHours | null;
  digest?: boolean;
  volume?: number;
}

export interface Preferences extends Required<Wishes> {
  kinds: Record<NotificationKind, Record<Personal, Choice>>;
  muted_videos: string[];
  channels: Record<Personal, { available: boolean; why: string | null }>;
}

/** What came back from a test; `state` is honest about an end that nobody knows. */
export interface Tried {
  channel: string;
  state: 'sent' | 'failed' | 'unknown';
  said: string;
  ms: number;
}

const muted = (id: string) => `/me/muted-videos/${segment(id)}`;

export const preferencesApi = {
  read: () => request<Preferences>('GET', '/me/preferences'),
  change: (wishes: Wishes) => request<Preferences>('PUT', '/me/preferences', wishes),
  test: (channel: Personal) => request<Tried>('POST', '/me/preferences/test', { channel }),
  mute: (videoId: string) => request<void>('PUT', muted(videoId)),
  unmute: (videoId: string) => request<void>('DELETE', muted(videoId)),
};
