/** What is said to who comes in, and of passwords. */

import { translated } from '../translated.ts';

export const sessionWords = {
  email: 'Email',
  password: 'Password',
  passwordAgain: 'Password again',
  passwordHint: 'At least 12 characters.',
  signIn: 'Sign in',
  signingIn: 'Signing in',
  signOut: 'Sign out',
  link: 'Opening your link',
  linkFailed: 'This link did not work',
  otherWay: 'Sign in with email and password',
  wrong: 'That email and password do not belong together.',
  expired: 'You were signed out. Sign in to go on.',
  firstAdmin: 'Create the first admin',
  firstAdminIntro: 'This Reelhook is new. The first person sets it up and can invite the others.',
  create: 'Create and sign in',
  creating: 'Creating',
  tooShort: 'The password needs at least 12 characters.',
  different: 'The two passwords are not the same.',
  needEmail: 'An email address is needed.',
  needPassword: 'A password is needed.',
};
translated('session', sessionWords);
