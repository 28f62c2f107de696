/** What a person may type when they sign in; the server judges again. */

import { sessionWords } from './words/session.ts';

export const PASSWORD_LEAST = 12;

export function badEmail(email: string): string | null {
  return /^\S+@\S+$/.test(email.trim()) ? null : sessionWords.needEmail;
}

export function badNewPassword(password: string): string | null {
  // Counted as people count: one for each character, also outside the basic plane.
  return [...password].length >= PASSWORD_LEAST ? null : sessionWords.tooShort;
}

export function isNewPassword(password: string, again: string): boolean {
  return badNewPassword(password) === null && again === password;
}
