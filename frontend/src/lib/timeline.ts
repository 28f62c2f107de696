/** The timeline as it is read: many small sightings are one line. */

import type { TimelineEntry } from './types.ts';
import { words } from './words.ts';

/** Several "seen" entries, one for each browser, become one at the last of them: "Seen in 2 browsers". */
export function seenOnce(entries: readonly TimelineEntry[]): TimelineEntry[] {
  const sightings = entries.filter(({ kind }) => kind === 'seen');
  const last = sightings.at(-1);
  if (last === undefined || sightings.length === 1) return [...entries];
  return entries
    .filter((entry) => entry.kind !== 'seen' || entry === last)
    .map((entry) => (entry === last ? { ...entry, message: words.seenIn(sightings.length) } : entry));
}
