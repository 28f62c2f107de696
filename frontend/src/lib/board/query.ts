/** What the board shows, as its address says it. */

import { FILTERS, type FilterName, filterOf } from '../states.ts';
import type { VideoState } from '../types.ts';
import { type SortName, sortOf } from './order.ts';

export interface BoardQuery {
  show: FilterName;
  q: string;
  sort: SortName;
  /** In sections, one for each state. */
  grouped: boolean;
  late: boolean;
  /** Only what belongs to whoever looks. */
  mine: boolean;
  subject: string | null;
}

export const EVERYTHING: BoardQuery = {
  show: 'all',
  q: '',
  sort: 'newest',
  grouped: false,
  late: false,
  mine: false,
  subject: null,
};

export function boardQueryOf(search: URLSearchParams): BoardQuery {
  return {
    show: filterOf(search.get('show')),
    q: search.get('q') ?? '',
    sort: sortOf(search.get('sort')),
    grouped: search.get('group') === 'state',
    late: search.has('late'),
    mine: search.has('mine'),
    subject: search.get('subject') || null,
  };
}

/** The address's search for it, with the question mark; nothing is said of what is as usual. */
export function boardSearch(query: BoardQuery): string {
  const search = new URLSearchParams();
  if (query.show !== 'all') search.set('show', query.show);
  if (query.q !== '') search.set('q', query.q);
  if (query.sort !== 'newest') search.set('sort', query.sort);
  if (query.grouped) search.set('group', 'state');
  if (query.late) search.set('late', '1');
  if (query.mine) search.set('mine', '1');
  if (query.subject !== null) search.set('subject', query.subject);
  const text = search.toString();
  return text === '' ? '' : `?${text}`;
}

/** What narrows the list beside its states; the counts are narrowed by the same. */
export interface Narrowing {
  q: string;
  subject: string | null;
  late: boolean;
}

export function narrowingOf(query: BoardQuery, me: string): Narrowing {
  return { q: query.q, subject: query.mine ? me : query.subject, late: query.late };
}

export function isNarrowed({ q, subject, late }: Narrowing): boolean {
  return q !== '' || subject !== null || late;
}

/** The sections of a grouped board, in this order: first what needs somebody, then a video's own way. */
const GROUPS: readonly VideoState[] = [
  'unarchived',
  'failed',
  'requested',
  'rendering',
  'rendered',
  'archiving',
  'ready',
];

export function groupsOf(show: FilterName): VideoState[] {
  const states: readonly VideoState[] = FILTERS[show];
  return GROUPS.filter((state) => states.length === 0 || states.includes(state));
}
