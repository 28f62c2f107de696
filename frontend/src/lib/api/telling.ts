/** What holds for everybody's notifications, and the chats that are told. */

import { request, segment } from '../api.ts';
import type { NotificationKind } from './notifications.ts';
import { PERSONAL, type Personal, type Tried } from './preferences.ts';

export const WAYS = [...PERSONAL, 'chat', 'webhook'] as const;
export type Way = (typeof WAYS)[number];

/** All of it is sent at once. */
export interface TellingSettings {
  kinds: Record<NotificationKind, Record<Way, boolean>>;
  locked: Partial<Record<NotificationKind, Personal[]>>;
  critical: NotificationKind[];
}

export interface Chat {
  id: string;
  name: string;
  kinds: NotificationKind[];
  /** The service alone, as in `slack://…`: the address is never shown again. */
  url_hint: string;
  last: { state: Tried['state'] | 'pending'; said: string; at: string } | null;
  created_at: string;
  created_by: string;
}

export interface ChatFields {
  name: string;
  url?: string;
  kinds: NotificationKind[];
}

/** A chat that does not answer is given half a minute by the server. */
const TEST_TIMEOUT_MS = 40_000;
const chat = (id: string) => `/chat-destinations/${segment(id)}`;

export const telling = {
  settings: () => request<TellingSettings>('GET', '/notification-settings'),
  change: (settings: TellingSettings) => request<TellingSettings>('PUT', '/notification-settings', settings),
  chats: () => request<{ data: Chat[] }>('GET', '/chat-destinations'),
  addChat: (fields: ChatFields) => request<Chat>('POST', '/chat-destinations', fields),
  changeChat: (id: string, fields: ChatFields) => request<Chat>('PATCH', chat(id), fields),
  removeChat: (id: string) => request<void>('DELETE', chat(id)),
  testChat: (id: string) => request<Tried>('POST', `${chat(id)}/test`, undefined, TEST_TIMEOUT_MS),
};
