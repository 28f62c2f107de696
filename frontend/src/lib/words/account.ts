/** What the app says of one's own account. */

import { plural } from '../text.ts';
import { translated } from '../translated.ts';

export const accountWords = {
  error: 'Your account could not be loaded',
  loading: 'Loading your account',
  who: { title: 'Who you are', email: 'Email', role: 'Role', sees: 'Videos', ends: 'Signed in until', id: 'Id' },
  seesAll: 'You see all videos.',
  seesOwn: 'You see your own videos.',

  password: {
    title: 'Password',
    intro: 'Changing it signs you out everywhere else.',
    none: 'This account has no password. Ask an admin for a sign-in link; with it you can choose one.',
    current: 'Current password',
    next: 'New password',
    again: 'New password again',
    wrong: 'That is not your current password.',
    change: 'Change password',
    busy: 'Changing',
    done: 'Your password is changed. You are signed out everywhere else.',
  },

  places: {
    title: 'Where you are signed in',
    intro: 'If you do not know one of these, sign it out and change your password.',
    error: 'This list could not be loaded.',
    here: 'This browser',
    from: (address: string) => `from ${address}`,
    since: (when: string) => `signed in ${when}`,
    seen: (when: string) => `last seen ${when}`,
    out: 'Sign out',
    outOf: (device: string) => `Sign out: ${device}`,
    ended: (device: string) => `${device} is signed out.`,
    all: 'Sign out everywhere else',
    allEnded: (count: number) => `Signed out in ${plural(count, 'place', 'places')}.`,
    only: 'You are signed in nowhere else.',
    refused: 'That did not work.',
  },

  data: {
    title: 'Your data',
    body: 'Everything Reelhook knows about you, in one file: your account, where you were signed in, what you did, and your videos with their stories. There is no password and no key in it.',
    download: 'Download my data',
    erase: 'Erase my account',
  },

  erase: {
    title: 'Erase your account?',
    body: 'Your email address, your password, and where you were signed in are deleted at once, and nothing brings them back. What you did stays in the audit log under a number instead of your name.',
    videos: 'Your videos',
    keep: 'stay, without an owner: operators see them',
    delete: 'are deleted, with their files',
    confirm: 'Erase for ever',
    busy: 'Erasing',
    cancel: 'Keep my account',
  },
};
translated('account', accountWords);
