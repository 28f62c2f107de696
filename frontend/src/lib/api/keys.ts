/** API keys: `/keys`. */

import { type List, query, request, segment } from '../api.ts';
import type { Principal } from '../types.ts';

export type Role = Principal['role'];

export interface ApiKey {
  id: string;
  name: string;
  prefix: string;
  role: Role;
  /** Null: all of the role. */
  scopes: string[] | null;
  created_at: string;
  last_used_at: string | null;
  revoked_at: string | null;
  expires_at: string | null;
  rotated_at: string | null;
  previous_until: string | null;
  previous_used_at: string | null;
}

/** With the secret, which is shown this once. */
export interface NewKey extends ApiKey {
  key: string;
}

export interface KeyWish {
  name: string;
  role: Role;
  scopes: string[] | null;
  ttl_days: number | null;
}

export const keys = {
  list: (cursor: string | null = null) => request<List<ApiKey>>('GET', `/keys${query({ limit: 50, cursor })}`),
  roles: () => request<{ data: Record<Role, string[]> }>('GET', '/keys/roles'),
  create: (wish: KeyWish) => request<NewKey>('POST', '/keys', wish),
  rotate: (id: string, overlapHours: number) =>
    request<NewKey>('POST', `/keys/${segment(id)}/rotate`, { overlap_h: overlapHours }),
  revoke: (id: string) => request<void>('DELETE', `/keys/${segment(id)}`),
};

/** How a key stands at the moment *now*. */
export function standing(key: ApiKey, now: number): 'good' | 'expired' | 'revoked' {
  if (key.revoked_at !== null) return 'revoked';
  return key.expires_at !== null && Date.parse(key.expires_at) <= now ? 'expired' : 'good';
}

/** Whether the secret from before a rotation still works. */
export function overlaps(key: ApiKey, now: number): boolean {
  return standing(key, now) === 'good' && key.previous_until !== null && Date.parse(key.previous_until) > now;
}
