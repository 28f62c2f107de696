import { expect, it } from 'vitest';
import type { Person } from '../src/lib/api/people.ts';
import { addressOf, stateOf } from '../src/lib/people.ts';

const lena: Person = {
  id: 'p1',
  email: 'lena@example.com',
  role: 'viewer',
  has_password: false,
  created_at: '2026-11-22T12:00:00Z',
  disabled_at: null,
  invited_until: null,
  last_seen_at: null,
};
const later = '2026-11-29T12:00:00Z';

it.each([
  [{}, 'bare'],
  [{ invited_until: later }, 'invited'],
  [{ has_password: true }, 'active'],
  [{ last_seen_at: later }, 'active'],
  [{ has_password: true, disabled_at: later }, 'disabled'],
  [{ invited_until: later, disabled_at: later }, 'disabled'],
] as const)('says of %o that they are %s', (known, state) => {
  expect(stateOf({ ...lena, ...known })).toBe(state);
});

it('lets this site stand in for an address that the server does not know', () => {
  const link = { token: 'abc', url: null, expires_at: later };
  expect(addressOf(link, 'https://here.example')).toBe('https://here.example/sign-in#link=abc');
  expect(addressOf({ ...link, url: 'https://there.example/x' }, 'https://here.example')).toBe(
    'https://there.example/x',
  );
});
