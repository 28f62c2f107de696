/** How somebody stands, from what the server says of them. */

import type { Link, Person } from './api/people.ts';

/** `bare`: may come, but has no password and no invitation that still works. */
export type PersonState = 'active' | 'invited' | 'bare' | 'disabled';

export function stateOf(person: Person): PersonState {
  if (person.disabled_at !== null) return 'disabled';
  if (person.invited_until !== null) return 'invited';
  return person.has_password || person.last_seen_at !== null ? 'active' : 'bare';
}

/** Where a link leads; this page's own site stands in where the server does not know its address. */
export function addressOf(link: Link, origin: string): string {
  return link.url ?? `${origin}/sign-in#link=${link.token}`;
}
