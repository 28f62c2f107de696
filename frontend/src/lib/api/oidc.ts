/** Signing in by the team's own provider of identities (OpenID Connect). */

import { query, request } from '../api.ts';

/** Whether there is one, and what the button calls it. */
export type Oidc = { enabled: boolean; name: string | null };

export const oidc = {
  read: () => request<Oidc>('GET', '/session/oidc'),
  /** Where the browser goes, as a whole page, to come back to `next` signed in. */
  start: (next: string) => `/api/v1/session/oidc/start${query({ next: next === '/' ? null : next })}`,
};
