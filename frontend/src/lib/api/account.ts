/** One's own account: `/me`. */

import { type List, request, segment } from '../api.ts';

export interface Me {
  kind: 'person' | 'key' | 'local';
  id: string;
  name: string;
  role: 'admin' | 'operator' | 'viewer';
  scopes: string[];
  subject: string | null;
  sees_all: boolean;
  expires_at: string | null;
  has_password: boolean;
}

/** Somewhere a person is signed in; `current` is here. */
export interface SignedInPlace {
  id: string;
  device: string;
  remote: string | null;
  created_at: string;
  last_seen_at: string;
  expires_at: string;
  current: boolean;
}

export const account = {
  me: () => request<Me>('GET', '/me'),
  changePassword: (current: string, password: string) =>
    request<void>('PUT', '/me/password', { current, new: password }),
  places: () => request<List<SignedInPlace>>('GET', '/me/sessions?limit=200'),
  endPlace: (id: string) => request<void>('DELETE', `/me/sessions/${segment(id)}`),
  endOtherPlaces: () => request<{ ended: number }>('DELETE', '/me/sessions'),
  erase: (password: string, videos: 'keep' | 'delete') => request<void>('POST', '/me/erase', { password, videos }),
  /** A file, for the browser itself to keep. */
  exportUrl: '/api/v1/me/export',
};
