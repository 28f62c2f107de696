/** What the app says of API keys. */

import { plural } from '../text.ts';
import { translated } from '../translated.ts';

const SCOPES: Record<string, string> = {
  'analytics:read': 'read the numbers',
  'audit:read': 'read the audit log',
  'events:read': 'read raw events',
  'events:replay': 'replay events',
  'jobs:read': 'read jobs',
  'jobs:write': 'retry and discard jobs',
  'keys:read': 'list API keys',
  'keys:write': 'make and revoke API keys',
  me: 'its own account',
  metrics: 'read metrics',
  'monitoring:read': 'read monitoring',
  'monitoring:write': 'change monitoring',
  'people:read': 'list people',
  'people:write': 'invite and change people',
  'rejections:read': 'read rejections',
  settings: 'secrets, endpoints, backups',
  stream: 'follow the live stream',
  'stream-tokens': 'give out stream tokens',
  'subscriptions:read': 'read outbound webhooks',
  'subscriptions:write': 'change outbound webhooks',
  'videos:delete': 'delete videos',
  'videos:read': 'read videos',
  'videos:write': 'ask for and change videos',
};

export const keyWords = {
  intro:
    'Programs send a key instead of signing in. A key can be narrowed, can end by itself, and can be rotated without a pause.',
  loading: 'Loading the keys',
  error: 'The keys could not be loaded',
  empty: { title: 'No API keys yet', body: 'Make one for the program that asks for videos or follows them.' },
  older: 'Show older keys',
  create: 'New key',
  scope: (scope: string) => SCOPES[scope] ?? scope,

  row: {
    secret: (prefix: string) => `rhk_${prefix}_…`,
    all: 'all scopes of the role',
    scopes: (count: number) => plural(count, 'scope', 'scopes'),
    which: 'Which scopes',
    made: (when: string) => `made ${when}`,
    used: (when: string) => `last used ${when}`,
    unused: 'never used',
    ends: (when: string) => `ends ${when}`,
    expired: (when: string) => `Expired ${when}`,
    revoked: (when: string) => `Revoked ${when}`,
    good: 'Works',
    overlap: (when: string) => `The old secret still works and ends ${when}.`,
    oldUsed: (when: string) => `It was last used ${when}.`,
    oldUnused: 'Nobody has used it since.',
    rotate: 'Rotate',
    revoke: 'Revoke',
  },

  form: {
    title: 'A new API key',
    name: 'What is it for?',
    nameHint: 'For example the name of the program.',
    needName: 'A name is needed.',
    role: 'Role',
    scopes: 'What it may do',
    needScope: 'Choose at least one.',
    everything: 'All of the role',
    some: 'Only this:',
    ends: 'It ends',
    never: 'when it is revoked',
    days: (count: number) => `after ${count} days`,
    confirm: 'Make the key',
    busy: 'Making it',
    cancel: 'Cancel',
  },

  made: {
    title: 'Copy the key now',
    body: 'It is shown this once. Reelhook keeps only a digest of it.',
    copy: 'Copy the key',
    done: 'I have it',
    label: 'The new key',
    overlap: (when: string) => `The old secret works until ${when}.`,
  },

  rotate: {
    title: (name: string) => `Rotate ${name}?`,
    body: 'The key gets a new secret and stays the same key: the same videos, the same scopes. Open streams of it begin anew, where they were.',
    overlap: 'The old secret works for',
    hours: (count: number) =>
      count === 0 ? 'no longer: it ends now' : count < 48 ? `${count} more hours` : `${count / 24} more days`,
    again: 'The secret from before the last rotation ends now.',
    confirm: 'Make a new secret',
    busy: 'Rotating',
    cancel: 'Cancel',
  },

  revoke: {
    title: (name: string) => `Revoke ${name}?`,
    body: 'It stops working at once, for good, and so do its streams and the stream tokens it gave out.',
    used: (when: string) => `It was last used ${when}.`,
    confirm: 'Revoke the key',
    busy: 'Revoking',
    cancel: 'Keep it',
    done: (name: string) => `${name} is revoked.`,
  },
};
translated('key', keyWords);
