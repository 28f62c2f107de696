/** What the app says of webhooks to other systems. */

import type { DeliveryState, EndpointState } from '../api/webhooks.ts';
import { took } from '../format.ts';
import { plural } from '../text.ts';
import { translated } from '../translated.ts';

const HEYGEN = 'heygen.*';

export const webhookWords = {
  intro: 'Reelhook tells your own systems what happens to videos, by signed messages to the addresses below.',
  add: 'Add an endpoint',
  loading: 'Loading the endpoints',
  error: 'The endpoints could not be loaded',
  empty: {
    title: 'No system is told yet',
    body: 'Add the address of one of yours, and it hears of each video the moment something happens to it.',
  },
  list: 'Endpoints',

  state: {
    enabled: 'Enabled',
    paused: 'Paused',
    disabled: 'Disabled',
  } satisfies Record<EndpointState, string>,
  failingSince: (ago: string) => `failing since ${ago}`,
  allTypes: 'all messages',
  types: (types: string[]) => types.map(typeName).join(', '),
  never: 'nothing was sent yet',
  last: (result: string, ago: string) => `last answer ${result}, ${ago}`,
  lastFailed: (result: string, ago: string) => `last attempt failed: ${result}, ${ago}`,
  noAnswer: 'no answer',
  pending: (count: number) => `${plural(count, 'message waits', 'messages wait')}`,
  failed: (count: number) => `${plural(count, 'message', 'messages')} not delivered`,

  form: {
    create: 'Add an endpoint',
    change: 'Change this endpoint',
    url: 'Address',
    urlHint: 'Begins with https:// and is reachable from the internet.',
    description: 'What is it for?',
    descriptionHint: 'For people; may stay empty.',
    subject: 'Only videos of this owner',
    subjectHint: 'Leave it empty for everybody’s.',
    which: 'Which messages',
    all: 'All of them',
    some: 'Only these',
    pick: 'Choose at least one kind of message.',
    needed: 'An address is needed.',
    confirm: 'Save',
    busy: 'Saving',
    cancel: 'Cancel',
  },
  typeName,

  secret: {
    title: 'The secret of this endpoint',
    body: 'Your system verifies with it that a message is ours. It is shown now and never again.',
    label: 'Secret',
    copy: 'Copy the secret',
    close: 'I have kept it',
  },

  back: 'All endpoints',
  missing: 'There is no such endpoint',
  missingBody: 'It may have been deleted.',
  test: 'Send a test',
  testing: 'Sending',
  tested: {
    good: (status: number, took: string) => `The test message was taken: ${status}, after ${took}.`,
    bad: (why: string, took: string) => `The test message was not taken: ${why}, after ${took}.`,
    answer: 'What came back',
  },
  pause: 'Pause',
  resume: 'Resume',
  paused: 'Nothing is sent. What happens meanwhile is kept, and sent when it goes on.',
  enable: 'Enable again',
  disabled: 'Nothing is sent or kept for it.',
  change: 'Change',
  more: 'Secrets and deletion',
  facts: 'Facts',
  fact: {
    types: 'Messages',
    subject: 'Owner',
    everybody: 'everybody’s videos',
    created: 'Added',
    id: 'Id',
    secrets: 'Secrets',
    secret: (created: string) => `made ${created}`,
    ends: (when: string) => `signs along until ${when}`,
  },

  rotate: {
    button: 'Make a new secret',
    title: 'Make a new secret?',
    body: 'Until the time is over, messages are signed with both, so that your system can change at leisure.',
    overlap: 'The present one signs along for',
    hours: (hours: number) =>
      hours === 0 ? 'no time: it ends now' : hours < 48 ? plural(hours, 'hour', 'hours') : `${hours / 24} days`,
    confirm: 'Make it',
    busy: 'Making it',
    cancel: 'Keep the present one',
  },
  remove: {
    button: 'Delete this endpoint',
    title: 'Delete this endpoint?',
    body: 'Its secrets and the story of its deliveries go with it. What waits is not sent.',
    confirm: 'Delete',
    busy: 'Deleting',
    cancel: 'Keep it',
    done: 'The endpoint is deleted.',
  },

  deliveries: 'Deliveries',
  views: {
    all: 'All',
    pending: 'Waiting',
    failed: 'Not delivered',
    delivered: 'Delivered',
    discarded: 'Discarded',
  } satisfies Record<DeliveryState | 'all', string>,
  delivery: {
    loading: 'Loading',
    none: { title: 'Nothing here', body: 'What is sent to this endpoint shows here, with each answer.' },
    attempts: (count: number) => plural(count, 'attempt', 'attempts'),
    next: (when: string) => `next attempt ${when}`,
    attempt: (number: number) => `Attempt ${number}`,
    nothing: 'Nobody has tried it yet.',
    answered: (status: number) => `answered ${status}`,
    answer: 'The answer',
    emptyAnswer: 'The answer had no body.',
    cut: 'The answer was longer; this is its beginning.',
    payload: 'What is sent',
    message: 'Message id',
    video: 'The video',
    replay: 'Send again',
    replaying: 'Asking',
    replayed: (type: string) => `${type}: it is sent again.`,
    older: 'Older',
    loadingOlder: 'Loading older ones',
  },
  replay: {
    button: 'Send many again',
    title: 'Send messages again?',
    body: 'Each keeps its id, so a system that remembers what it took ignores what it knows.',
    failed: 'What was not delivered',
    all: 'Everything, delivered or not',
    since: 'From',
    until: 'Up to',
    sinceNeeded: 'Say from when.',
    confirm: 'Send again',
    busy: 'Asking',
    cancel: 'Cancel',
    done: (count: number) =>
      count === 0 ? 'There was nothing to send again.' : `${plural(count, 'message is', 'messages are')} sent again.`,
  },
};
translated('webhook', webhookWords);

/** How long an answer took: most take less than a second. */
export function spent(ms: number): string {
  return ms < 1000 ? `${ms} ms` : took(ms);
}

/** "Ready"; what comes from HeyGen keeps the name that HeyGen gave it. */
function typeName(type: string): string {
  return NAMES[type] ?? type;
}

const NAMES: Record<string, string> = {
  'video.requested': 'Requested',
  'video.rendering': 'Rendering',
  'video.rendered': 'Rendered',
  'video.archiving': 'Archiving',
  'video.ready': 'Ready',
  'video.failed': 'Failed',
  'video.unarchived': 'Not archived yet',
  'video.late': 'Longer than usual',
  'video.deleted': 'Deleted',
  'video.*': 'All of videos',
  'notification.*': 'What people are told: incidents, unless an admin has more sent',
  [HEYGEN]: 'HeyGen’s own events',
};
/** What can be ticked, in the order in which it happens. */
export const CHOICES = Object.keys(NAMES).filter((type) => type !== 'video.*');
