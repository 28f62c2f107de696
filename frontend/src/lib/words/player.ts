/** What is said beside the picture, and of what it can be taken away as. */

import { translated } from '../translated.ts';

export const playerWords = {
  speed: 'Speed',
  times: (rate: number) => `${rate}×`,
  pictureInPicture: 'Picture in picture',
  adaptive: 'Adaptive quality',
  adaptiveHint: 'Cloudinary makes this stream when it is first asked for, and counts that as a transformation',
  adaptiveFailed: 'The adaptive stream did not play. This is the plain file.',
  keys: 'Keys in the player: Space plays, ← → seek, F full screen, M sound, C captions',
  share: 'Share',
  shareHint: 'Makes a link that opens the video without signing in',
};
translated('player', playerWords);

/** What is known of a video, in addition to `words.facts`. */
export const factWords = {
  rendered: 'Rendering took',
  kept: 'Storing took',
  whole: 'In all',
  asked: 'Asked by',
  verified: 'Verified',
  by: { digest: 'by digest: the stored bytes are those that came', length: 'by length only' },
  copyId: 'Copy video id',
  copyHeygen: 'Copy HeyGen id',
  retryOf: 'A new try of',
  retriedAs: 'Tried again as',
  anotherVideo: 'another video',
};
translated('fact', factWords);
