/** What the settings pages say of HeyGen's endpoints, the stores, and what is kept. */

import type { WebhookSecret } from '../api/heygen-endpoints.ts';
import { number, plural } from '../text.ts';
import { translated } from '../translated.ts';

export const heygenWords = {
  error: 'HeyGen’s endpoints could not be read',
  noKey: {
    title: 'HeyGen cannot be asked',
    body: 'Set REELHOOK_HEYGEN_API_KEY and start again: without it, endpoints are looked after at HeyGen itself.',
  },
  key: {
    title: 'API key',
    good: 'There is a key, and HeyGen answers.',
    down: (reason: string) => `HeyGen does not answer well: ${reason}`,
    address: 'It is asked at',
    how: 'The key and the address of HeyGen’s API are settings: REELHOOK_HEYGEN_API_KEY and REELHOOK_HEYGEN_BASE_URL.',
  },
  endpoints: 'Endpoints at HeyGen',
  ours: 'leads here',
  foreign: 'leads elsewhere',
  all: 'all events',
  events: (count: number) => plural(count, 'kind of event', 'kinds of events'),
  none: 'HeyGen knows no endpoint of this account yet.',
  register: 'Register and test',
  registering: 'Registering, and waiting for the test',
  registered: {
    new: 'The endpoint is registered.',
    known: 'The endpoint was there already.',
    arrived: 'The signed test came back.',
    lost: (said: string) => `The test did not come back: ${said}`,
  },
  secrets: 'Secrets',
  secretsHint:
    'Only fingerprints are shown. One that you have from elsewhere belongs in REELHOOK_HEYGEN_WEBHOOK_SECRETS.',
  noSecrets: 'No secret is known, so no delivery can be verified.',
  state: {
    live: 'in use',
    replaced: 'replaced',
    retired: 'retired',
    unreadable: 'unreadable: sealed with a key that is gone',
  } satisfies Record<WebhookSecret['state'], string>,
  made: (ago: string) => `made ${ago}`,
  until: (when: string) => `still taken, ends ${when}`,
  uses: (count: number) => plural(count, 'delivery', 'deliveries'),
  lastUsed: (ago: string) => `last ${ago}`,
  unused: 'not used yet',
  setting: 'named by a setting',
  unfinished: (target: string) => `A change at HeyGen was begun and its end is not known: ${target}`,
  rotate: {
    button: 'Make a new secret',
    title: 'Make a new secret?',
    body: 'HeyGen signs with the new one at once. Deliveries on their way were signed with the old one, so it is taken for a while.',
    overlap: 'The old one is taken for',
    hours: (hours: number) => (hours < 48 ? plural(hours, 'hour', 'hours') : `${hours / 24} days`),
    confirm: 'Make it',
    busy: 'Asking HeyGen',
    cancel: 'Keep the present one',
  },
};
translated('heygen', heygenWords);

export const storeWords = {
  error: 'The stores could not be read',
  isDefault: 'default',
  files: (count: number) => plural(count, 'file', 'files'),
  free: (bytes: string) => `${bytes} free`,
  used: (bytes: string) => `${bytes} used there by everything`,
  plan: (name: string) => `plan ${name}`,
  usedUp: (percent: number, of: string) => `${Math.round(percent)} % used of its ${of}`,
  trouble: (why: string) => `It does not answer well: ${why}`,
  good: 'It answers.',
  check: 'Check it',
  checking: 'Keeping a small file',
  checked: 'A small file was kept, read and deleted.',
  failed: (why: string) => `Nothing can be kept there: ${why}`,
  how: 'REELHOOK_STORES names the stores, the default first; a change takes effect when Reelhook starts again.',
};
translated('store', storeWords);

const TABLES: Record<string, string> = {
  events: 'Events with their deliveries',
  event_keys: 'Keys by which repeats are recognised',
  rejections: 'Rejections',
  timeline: 'Timelines of finished videos',
  stream: 'Updates for browsers that were away',
  outgoing_messages: 'Outgoing webhooks',
  notifications: 'What people were told',
  incidents: 'Incidents that are over',
  error_groups: 'Errors that do not happen any more',
  jobs: 'Jobs that are done or discarded',
  audit: 'Audit log',
};

export const keepingWords = {
  error: 'What is kept could not be read',
  intro: 'Videos and their files stay until somebody deletes them. Everything else goes when it is old enough.',
  how: 'These are settings of the environment. Change one there and start Reelhook again.',
  swept: (ago: string) => `Last swept ${ago}.`,
  never: 'Nothing was swept yet.',
  what: 'What',
  rows: 'Now',
  forHow: 'Kept',
  removed: 'Deleted since the start',
  removedHint: 'By the processes that share this address, since they started.',
  table: (name: string) => TABLES[name] ?? name,
  count: (rows: number, more: boolean) => (more ? `more than ${number(rows)}` : number(rows)),
  value: (name: string, value: number) =>
    name.endsWith('_DAYS') ? plural(value, 'day', 'days') : `at most ${number(value)}`,
};
translated('keeping', keepingWords);
