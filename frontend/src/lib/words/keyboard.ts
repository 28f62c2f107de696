/** What the command palette and the help sheet of the keyboard say. */

import { translated } from '../translated.ts';

export const keyboardWords = {
  palette: {
    label: 'Find a page, a video, or something to do',
    placeholder: 'Page, video, id or action',
    results: 'Found',
    none: 'Nothing matches.',
    searching: 'Searching the videos',
    failed: 'The videos could not be searched.',
    count: (count: number) => (count === 1 ? '1 match' : `${count} matches`),
    close: 'Close',
  },
  kind: { page: 'Page', act: 'Action', video: 'Video', id: 'By its id' },
  act: {
    new: 'New video',
    reconcile: 'Ask HeyGen now what was missed',
    dead: 'Look at the dead letters',
    keys: 'Show the keyboard shortcuts',
    signOut: 'Sign out',
  },
  byId: {
    video: (id: string) => `Open the video ${id}`,
    event: (id: string) => `Open the event ${id}`,
    job: (id: string) => `Open the job ${id}`,
  },
  sheet: {
    title: 'Keyboard shortcuts',
    next: 'then',
    off: 'Single keys are switched off on this device; Ctrl K works.',
    where: 'They can be switched off in your profile.',
    close: 'Close',
  },
  shortcut: {
    palette: 'Search and commands',
    help: 'This sheet',
    search: 'Search on this page',
    next: 'Next in the list',
    previous: 'Previous in the list',
    new: 'New video',
    board: 'Board',
    jobs: 'Jobs',
    deliveries: 'Deliveries',
    rejections: 'Rejections',
    incidents: 'Incidents',
    analytics: 'Analytics',
    heygen: 'Settings',
    account: 'Your account',
  },
  setting: {
    title: 'Keyboard shortcuts',
    label: 'Single keys do something',
    hint: 'On this device. Switch it off when a voice or a screen reader types them by mistake.',
    show: 'Show them all',
  },
};
translated('keyboard', keyboardWords);

export type ShortcutName = keyof typeof keyboardWords.shortcut;
