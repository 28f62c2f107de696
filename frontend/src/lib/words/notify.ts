/** What is said about notifications, to the person who gets them. */

import type { NotificationKind } from '../api/notifications.ts';
import type { Personal } from '../api/preferences.ts';
import type { PushState } from '../push.ts';
import type { SoundState } from '../sound.svelte.ts';
import { plural } from '../text.ts';
import type { Tone } from '../tones.ts';
import { translated } from '../translated.ts';

const kinds: Record<NotificationKind, { name: string; about: string }> = {
  ready: { name: 'Ready', about: 'A video is stored and can be watched.' },
  failed: { name: 'Failed', about: 'HeyGen refused a video, or it was given up.' },
  late: { name: 'Late', about: 'A video takes longer than usual.' },
  unarchived: { name: 'Not stored', about: 'A finished video could not be stored.' },
  incident: { name: 'Incident', about: 'Reelhook itself is in trouble, or well again.' },
};

const ways: Record<Personal, { name: string; about: string }> = {
  in_app: { name: 'In the app', about: 'The bell, and a short note while you look.' },
  sound: { name: 'Sound', about: 'Played once, by one of your open pages.' },
  browser: { name: 'Browser', about: 'Shown by the browser when a page is open and you look elsewhere.' },
  push: { name: 'Push', about: 'Reaches your devices with no page open.' },
  email: { name: 'Email', about: 'A letter to your address.' },
};

const sounds: Record<SoundState, string> = {
  off: 'Sound is off on this device.',
  locked: 'Sound is on. The browser plays it once you have clicked or typed on this page.',
  ready: 'Sound is on, and can be heard.',
  unsupported: 'This browser cannot play sounds.',
};

const pushes: Record<PushState, string> = {
  unsupported: 'This browser takes no push messages here. It needs https and a recent browser.',
  'needs-install':
    'On an iPhone or iPad, push works from the home screen only: tap Share, then “Add to Home Screen”, and open Reelhook there.',
  denied: 'This browser was told to show nothing from here. Allow it in the browser’s settings for this site.',
  off: 'Push is off in this browser.',
  on: 'Push is on in this browser.',
};

const tones: Record<Tone, string> = { ready: 'Ready', failed: 'Failed', attention: 'Needs you' };

export const notifyWords = {
  kinds,
  ways,
  loading: 'Your notifications are loading',
  error: 'Your notifications could not be loaded',
  refused: 'That was not saved, and is as it was before.',
  saved: 'Saved',

  tabs: { label: 'Notifications', list: 'What you were told', settings: 'What you want to be told' },

  matrix: {
    title: 'What, and where',
    body: 'Each change is saved at once.',
    kind: 'What happened',
    from: { default: 'as usual', workspace: 'as your team set it', mine: 'your choice' },
    locked: { on: 'always: your team keeps this on', off: 'never: your team keeps this off' },
    cell: (kind: NotificationKind, way: Personal) => `${kinds[kind].name}: ${ways[way].name}`,
    back: 'Back to the team’s',
    backOf: (kind: NotificationKind) => `${kinds[kind].name}: back to what your team set`,
    unavailable: 'not set up',
  },

  whose: {
    title: 'Whose videos',
    mine: 'Only mine',
    all: 'Everybody’s',
  },

  quiet: {
    title: 'Quiet hours',
    body: 'Nothing sounds, pops up or is sent. It is all in the list afterwards. What your team calls critical comes through.',
    on: 'Keep quiet hours',
    from: 'From',
    to: 'To',
    zone: 'Time zone',
    days: 'Days on which they begin',
    names: ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'],
    digest: 'Afterwards, tell me in one message what there was',
    device: (zone: string) => `Use this device’s: ${zone}`,
    same: 'They begin and end at the same minute: that is the whole day.',
    noDay: 'One day has to stay. To have none, turn quiet hours off.',
  },

  channels: {
    title: 'Ways to reach you',
    test: 'Test',
    testOf: (way: Personal) => `Test: ${ways[way].name}`,
    testing: 'Testing',
    result: (state: 'sent' | 'failed' | 'unknown', said: string, ms: number) =>
      `${{ sent: 'Sent', failed: 'Failed', unknown: 'It may have arrived' }[state]}: ${said} (${ms} ms)`,
    notSent: 'Not sent.',
  },

  sound: {
    states: sounds,
    on: 'Turn on here',
    off: 'Turn off here',
    volume: 'Volume, on all your devices',
    listen: 'Listen',
    tones,
  },

  browser: {
    granted: 'This browser may show notifications.',
    denied: pushes.denied,
    default: 'This browser has not been asked yet.',
    unsupported: 'This browser shows no notifications here. It needs https.',
    allow: 'Allow here',
  },

  push: {
    states: pushes,
    on: 'Turn on here',
    off: 'Turn off here',
    busy: 'One moment',
    devices: 'Your devices',
    used: (when: string) => `last reached ${when}`,
    unused: 'not reached yet',
    failing: (when: string) => `refused ${when}`,
    remove: 'Remove',
    removeOf: (device: string) => `Remove: ${device}`,
    removed: (device: string) => `${device} gets no more push messages.`,
  },

  muted: {
    title: 'Muted videos',
    none: 'None. You can mute a video on its page and in its menu.',
    gone: 'A video that you cannot see any more',
    unmute: 'Unmute',
    unmuteOf: (title: string) => `Unmute: ${title}`,
  },

  bell: {
    label: (unseen: number) =>
      unseen === 0 ? 'Notifications' : `Notifications, ${plural(unseen, 'new one', 'new ones')}`,
    title: 'Notifications',
    seenAll: 'Mark all as seen',
    all: 'All notifications',
    settings: 'Settings',
    none: { title: 'Nothing yet', body: 'You are told here when a video is ready, fails, or needs you.' },
    quiet: 'in quiet hours',
    fresh: 'New',
    today: 'Today',
    yesterday: 'Yesterday',
    older: 'Show older ones',
    olderBusy: 'Loading',
    close: 'Close',
  },

  deliveries: {
    open: 'How it was sent',
    loading: 'Loading',
    state: {
      pending: 'on its way',
      sent: 'sent',
      failed: 'failed',
      unknown: 'unknown: the answer was lost',
      suppressed: 'held back',
    },
    waits: 'no open page took it',
    again: 'Send again',
    againOf: (way: string) => `Send again: ${way}`,
    asked: 'It is sent once more.',
  },

  away: {
    label: 'While you were away',
    say: (what: string) => `While you were away: ${what}`,
    counted: {
      ready: (count: number) => `${count} ready`,
      failed: (count: number) => `${count} failed`,
      late: (count: number) => `${count} late`,
      unarchived: (count: number) => `${count} not stored`,
      incident: (count: number) => plural(count, 'word about an incident', 'words about incidents'),
    },
    look: 'Look',
    dismiss: 'Dismiss',
  },

  unsubscribe: {
    title: 'No more letters',
    body: 'Reelhook will send you no more email about videos and incidents. What your team calls critical comes all the same.',
    confirm: 'Stop these letters',
    busy: 'One moment',
    done: 'Done',
    doneBody: 'You get no more of these letters. You can turn them on again in your notifications.',
    wrong: 'This link does not work',
    wrongBody: 'It is not complete. Open it again from the letter.',
    error: 'That did not work',
    settings: 'Your notifications',
  },
};

translated('notify', notifyWords);
