/** What is said about links that open without signing in. */

import { translated } from '../translated.ts';

export const linkWords = {
  copy: 'Copy link',
  busy: 'Making the link',
  lasts: 'The link works for',
  copied: 'The link is copied.',
  ends: (moment: string) => `It opens the video without signing in, until ${moment}.`,
  endless: 'It opens the video without signing in, and does not end.',
  byHand: 'Copy this address',
  spans: [
    { seconds: 3_600, name: '1 hour' },
    { seconds: 86_400, name: '1 day' },
    { seconds: 604_800, name: '7 days' },
  ],
};
translated('link', linkWords);
