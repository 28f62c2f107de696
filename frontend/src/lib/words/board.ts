/** What the board says beside the words for videos. */

import type { SortName } from '../board/order.ts';
import { translated } from '../translated.ts';

export const boardWords = {
  cards: 'Videos',
  controls: 'Narrow and sort',
  sort: 'Sort by',
  sorts: {
    newest: 'Newest',
    changed: 'Recently changed',
    title: 'Title',
    waiting: 'Longest wait',
  } satisfies Record<SortName, string>,
  group: 'Group by state',
  late: 'Only late',
  mine: 'Only mine',
  subject: (owner: string) => `Of ${owner}`,
  anySubject: (owner: string) => `Of ${owner}: show those of everybody`,
  showSubject: (owner: string) => `Show only videos of ${owner}`,
  you: 'you',

  more: (left: number | null) => (left === null || left <= 0 ? 'Show more' : `Show more, ${left} left`),
  loadingMore: 'Loading more videos',
  stale: 'What you see may be old',
  offlineTitle: 'You are offline',
  offlineBody: 'The videos come by themselves as soon as the network is back.',

  link: {
    ends: (ahead: string) => `link expires ${ahead}`,
    ended: 'link has expired',
  },
  notArchived: 'not yet archived',

  begin: {
    title: 'Nothing on screen yet',
    mayAsk: 'Ask HeyGen for a first video, here or through the API. It appears at once and moves by itself.',
    maySee: 'As soon as a video of yours is asked for, it appears here and moves by itself.',
    ask: 'New video',
  },
  noMatch: {
    title: 'No video matches',
    body: 'Nothing here fits all that was asked for: the words, the owner, late or not.',
    clear: 'Clear the filter',
  },
};

translated('board', boardWords);
