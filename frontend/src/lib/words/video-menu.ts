/** What the menu of a video says, and the dialogs it opens. */

import { translated } from '../translated.ts';

export const menuWords = {
  open: (title: string) => `More for ${title}`,
  copy: 'Copy link',
  copied: 'The link is copied.',
  byHand: 'Copy the link from here',
  rename: 'Rename',
  give: 'Give to somebody',
  remove: 'Delete',
  mute: 'Mute notifications',
  unmute: 'Unmute notifications',
  cancel: 'Cancel',

  muting: {
    done: 'You hear nothing more of this video.',
    undone: 'You hear of this video again.',
    refused: 'That could not be changed',
    close: 'Close',
  },
  renaming: {
    title: 'Rename the video',
    label: 'Title',
    hint: 'Leave it empty for a video without a title.',
    confirm: 'Rename',
    busy: 'Renaming',
    done: (title: string) => `The video is called ${title} now.`,
  },
  giving: {
    title: 'Give the video to somebody',
    body: 'It then belongs to them. Whoever has it now, and does not see all videos, sees it no longer.',
    person: 'Person',
    other: 'Somebody else, by subject',
    nobody: 'Nobody',
    subject: 'Subject',
    hint: 'The id of a person, or of a user of your own system. Empty: nobody.',
    loading: 'Loading the people',
    noPeople: 'The people could not be loaded; type the subject instead.',
    confirm: 'Give',
    busy: 'Giving',
    done: 'The video is given away.',
  },
  removing: {
    title: (title: string) => `Delete ${title}?`,
    body: 'The video, its story and its stored files are deleted for good. Nobody can bring them back.',
    underWay: 'HeyGen may still be making it, and what it costs stays spent.',
    confirm: 'Delete for good',
    busy: 'Deleting',
    cancel: 'Keep it',
    done: (title: string) => `${title} is deleted.`,
  },
};

translated('menu', menuWords);
