/** The orders of the board: the same ones in which the server lists, so that what the stream brings finds its place. */

import { byNewest } from '../merge.ts';
import { isRunning } from '../states.ts';
import type { Video } from '../types.ts';

export const SORTS = ['newest', 'changed', 'title', 'waiting'] as const;
export type SortName = (typeof SORTS)[number];

export function sortOf(name: string | null): SortName {
  return SORTS.find((sort) => sort === name) ?? 'newest';
}

type Compare = (a: Video, b: Video) => number;

/** Behind every letter there is: what has no title comes last. */
const LAST = '\u{10ffff}';

export const ORDERS: Record<SortName, Compare> = {
  newest: byNewest,
  changed: (a, b) => time(b.updated_at) - time(a.updated_at) || compare(b.id, a.id),
  title: (a, b) => compare(titleKey(a), titleKey(b)) || compare(a.id, b.id),
  waiting: (a, b) => waitingKey(a) - waitingKey(b) || compare(a.id, b.id),
};

/** Only A to Z are folded, as every database does it; the rest goes by its code. */
function titleKey({ title }: Video): string {
  return title?.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()) ?? LAST;
}

/** Ascending: what is on its way by its age, then what has arrived, newest first. */
function waitingKey({ state, created_at }: Video): number {
  return isRunning(state) ? time(created_at) : Number.MAX_SAFE_INTEGER - time(created_at);
}

function time(at: string): number {
  return Date.parse(at);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
