/** What the app says of people, invitations and forgotten passwords. */

import type { PersonState } from '../people.ts';
import { plural } from '../text.ts';
import { translated } from '../translated.ts';

export const peopleWords = {
  count: (count: number, more: boolean) => (more ? `The newest ${count} people` : plural(count, 'person', 'people')),
  loading: 'Loading the people',
  error: 'The people could not be loaded',
  older: 'Show more people',
  loadingOlder: 'Loading more people',
  alone: {
    title: 'You are alone here',
    body: 'Invite the people who make videos, or wait for them. Each chooses a password of their own.',
  },
  you: 'you',
  role: (email: string) => `Role of ${email}`,
  roleHint: {
    viewer: 'sees the videos that are their own',
    operator: 'sees every video and can repair what is stuck',
    admin: 'also lets people in and changes settings',
  },
  changed: (email: string, role: string) => `${email} is ${role} now.`,

  state: {
    active: 'Active',
    invited: 'Invited',
    bare: 'No password yet',
    disabled: 'Disabled',
  } satisfies Record<PersonState, string>,
  seen: (when: string) => `seen ${when}`,
  notSeen: 'not signed in',
  until: (when: string) => `the link ends ${when}`,
  since: (when: string) => `since ${when}`,

  invite: {
    button: 'Invite a person',
    title: 'Invite a person',
    body: 'They get a link, choose a password with it, and are in.',
    email: 'Email',
    role: 'Role',
    handOver: 'I hand the link over myself, without e-mail',
    confirm: 'Invite',
    busy: 'Inviting',
    cancel: 'Cancel',
  },
  mailed: (email: string) => `The invitation is on its way to ${email}.`,
  again: 'Send again',
  inviteNow: 'Invite again',
  showLink: 'Get the link',
  withdraw: 'Withdraw',
  withdrawn: (email: string) => `The invitation of ${email} is withdrawn.`,
  newPassword: 'New password link',
  disable: 'Disable',
  disabled: (email: string) => `${email} is disabled and signed out everywhere.`,
  enable: 'Enable',
  enabled: (email: string) => `${email} may sign in again.`,
  refused: (email: string) => `${email} was not changed:`,

  sure: {
    disable: {
      title: (email: string) => `Disable ${email}?`,
      body: 'They are signed out everywhere at once and cannot come back until they are enabled again.',
      confirm: 'Disable',
      busy: 'Disabling',
      cancel: 'Keep',
    },
    withdraw: {
      title: (email: string) => `Withdraw the invitation of ${email}?`,
      body: 'The link stops working, and the account is disabled. Enable it to invite them again.',
      confirm: 'Withdraw',
      busy: 'Withdrawing',
      cancel: 'Keep',
    },
  },

  handOver: {
    invitation: (email: string) => `The invitation for ${email}`,
    reset: (email: string) => `A new password for ${email}`,
    body: 'Give them this link. It is shown this once: whoever has it can come in with it.',
    label: 'Link',
    until: (when: string) => `It works once, until ${when}.`,
    done: 'Done',
  },
};
translated('people', peopleWords);

export const passwordWords = {
  forgotten: 'Forgotten your password?',
  title: 'Forgotten your password?',
  intro: 'Type the address you sign in with. A link for a new password comes by e-mail.',
  send: 'Send the link',
  sending: 'Asking',
  back: 'Back to sign-in',
  mailed: 'Look into your mail',
  mailedBody: (email: string) =>
    `If somebody with the address ${email} has a password here, a link for a new one is on its way. It works for 30 minutes.`,
  notMailed: 'No e-mail is sent here',
  notMailedBody: 'Ask the operator of this Reelhook for a link. They get one with:',
  command: (email: string) => `reelhook people reset-password ${email}`,

  choose: {
    invitation: 'Welcome',
    reset: 'Choose a new password',
  },
  chooseIntro: {
    invitation: 'Choose a password, and you are in.',
    reset: 'You are signed out everywhere else.',
  },
  save: 'Save and sign in',
  saving: 'Saving',
};
translated('password', passwordWords);
