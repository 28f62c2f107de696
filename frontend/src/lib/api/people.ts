/** The people who may sign in, their invitations, and passwords that were forgotten. */

import { type List, query, request, segment } from '../api.ts';
import type { Principal } from '../types.ts';

export interface Person {
  id: string;
  email: string;
  role: Principal['role'];
  has_password: boolean;
  created_at: string;
  disabled_at: string | null;
  invited_until: string | null;
  last_seen_at: string | null;
}

/** A one-time link, shown this once. */
export interface Link {
  token: string;
  url: string | null;
  expires_at: string;
}

/** `link` is null when it is mailed: then it is in the mail and nowhere else. */
export interface Invitation {
  mailed: boolean;
  expires_at: string;
  link: Link | null;
}

const one = (id: string) => `/people/${segment(id)}`;

export const peopleApi = {
  list: (cursor: string | null = null) => request<List<Person>>('GET', `/people${query({ limit: 50, cursor })}`),
  invite: (email: string, role: Person['role'], handOver: boolean) =>
    request<Person & { invitation: Invitation }>('POST', '/people', {
      email,
      role,
      invite: true,
      hand_over: handOver,
    }),
  inviteAgain: (id: string, handOver: boolean) =>
    request<Invitation>('POST', `${one(id)}/invitation`, { hand_over: handOver }),
  withdraw: (id: string) => request<void>('DELETE', `${one(id)}/invitation`),
  change: (id: string, change: { role?: Person['role']; disabled?: boolean }) =>
    request<Person>('PATCH', one(id), change),
  resetLink: (id: string) => request<Link>('POST', `${one(id)}/reset-link`),
};

export const passwordApi = {
  forgotten: (email: string) => request<{ mailed: boolean; detail: string }>('POST', '/session/forgotten', { email }),
  choose: (token: string, password: string) =>
    request<{ principal: Principal }>('POST', '/session/link', { token, password }),
};
