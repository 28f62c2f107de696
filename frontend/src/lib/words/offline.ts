/** What is said while the server cannot be reached, and where a page is read anew by hand. */

import { translated } from '../translated.ts';

export const offlineWords = {
  offline: 'You are offline',
  offlineBody:
    'Videos go on without this device, and nothing is lost: everything that happened is shown as soon as there is a network again.',
  away: 'Reelhook does not answer',
  awayBody: 'The server is away, or the way to it is. This page tries again by itself.',
  pull: 'Pull to read anew',
  letGo: 'Let go to read anew',
  reading: 'Reading anew',
};
translated('offline', offlineWords);
