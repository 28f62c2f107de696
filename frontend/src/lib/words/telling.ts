/** What is said about everybody's notifications, to whoever decides on them. */

import type { Way } from '../api/telling.ts';
import { translated } from '../translated.ts';
import { notifyWords } from './notify.ts';

const ways: Record<Way, string> = {
  in_app: notifyWords.ways.in_app.name,
  sound: notifyWords.ways.sound.name,
  browser: notifyWords.ways.browser.name,
  push: notifyWords.ways.push.name,
  email: notifyWords.ways.email.name,
  chat: 'Chats',
  webhook: 'Webhooks',
};

export const tellingWords = {
  ways,
  loading: 'The notifications of this workspace are loading',
  error: 'The notifications of this workspace could not be loaded',

  table: {
    title: 'For everybody',
    body: 'What people are told unless they choose otherwise. What is locked they cannot change; what is critical nobody can mute, and it comes in quiet hours too.',
    on: (kind: string, way: string) => `${kind}: ${way}`,
    lock: (kind: string, way: string) => `Lock ${kind}: ${way}`,
    locked: 'locked',
    critical: 'Critical',
    criticalOf: (kind: string) => `${kind} is critical`,
  },

  server: {
    title: 'What is set up on the server',
    email: 'Email is set up.',
    push: 'Push needs no setting up, only https: each person turns it on in their browser.',
    webhooks: 'Webhooks go to the endpoints that ask for notifications.',
    endpoints: 'Endpoints',
  },

  chats: {
    title: 'Chats',
    body: 'One message for each event, whoever it belongs to.',
    none: 'No chat is told.',
    add: 'Add a chat',
    test: 'Test',
    testing: 'Testing',
    testOf: (name: string) => `Test: ${name}`,
    change: 'Change',
    changeOf: (name: string) => `Change: ${name}`,
    remove: 'Remove',
    removeOf: (name: string) => `Remove: ${name}`,
    notSent: 'Not sent.',
    never: 'nothing sent yet',
    last: { sent: 'last one sent', failed: 'last one failed', unknown: 'last one unknown', pending: 'one on its way' },
    silent: 'told of nothing',
  },

  form: {
    create: 'Add a chat',
    change: 'Change this chat',
    name: 'Name',
    url: 'Address',
    urlHint:
      'An apprise address, such as slack://token/token/token or discord://id/token. It is kept sealed and never shown again.',
    urlStays: 'Leave it empty to keep the address that is there.',
    kinds: 'Tell it of',
    needed: 'This is needed.',
    confirm: 'Save',
    busy: 'Saving',
    cancel: 'Cancel',
  },

  removing: {
    title: 'Remove this chat?',
    body: 'It is told of nothing more, and the story of its messages is deleted.',
    confirm: 'Remove',
    busy: 'Removing',
    cancel: 'Keep it',
  },
};

translated('telling', tellingWords);
