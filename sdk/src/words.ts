/** Every word of the element. Change them for all elements here, or for one by its property `messages`. */

export const messages = {
  requested: 'Requested',
  rendering: 'Rendering',
  rendered: 'Rendered',
  archiving: 'Archiving',
  ready: 'Ready',
  failed: 'Failed',
  unarchived: 'Not kept yet',
  late: 'longer than usual',
  untitled: 'Untitled video',
  loading: 'Looking for the video',
  lost: 'The connection is lost. Trying again.',
  missing: 'This video was deleted, or is not for you.',
  heygen: 'HeyGen refused',
  reelhook: 'Reelhook gave up',
  unarchivedWhy: 'The video is made, but not kept yet.',
  noPlayback: 'The video cannot be played here.',
  captions: 'Captions',
  step: (state: string, step: number, of: number) => `${state}, step ${step} of ${of}`,
  minutes: (count: number) => (count ? `about ${count} min left` : 'less than a minute left'),
  bytes: (part: string, whole: string) => `${part}${whole && ` of ${whole}`} MB`,
  announce: (title: string, state: string) => `${title}: ${state}`,
};

export type Messages = typeof messages;
