/** What one address of the board shows: one list, or one for each state. */

import { counts } from '../counts.svelte.ts';
import { live } from '../live.svelte.ts';
import { FILTERS } from '../states.ts';
import type { VideoState } from '../types.ts';
import type { Change } from '../videos.svelte.ts';
import { folded } from './folded.svelte.ts';
import { VideoList } from './list.svelte.ts';
import { type BoardQuery, boardSearch, groupsOf, type Narrowing } from './query.ts';

export interface Group {
  state: VideoState;
  list: VideoList;
}

export class Board {
  /** All in one; null when grouped. */
  readonly list: VideoList | null;
  readonly groups: readonly Group[];

  constructor({ show, sort, grouped }: BoardQuery, narrowing: Narrowing) {
    const list = (states: readonly VideoState[], strict: boolean) =>
      new VideoList({ ...narrowing, states, sort, strict });
    this.list = grouped ? null : list(FILTERS[show], false);
    this.groups = grouped ? groupsOf(show).map((state) => ({ state, list: list([state], true) })) : [];
  }

  /** The lists that are looked at: what is folded away is not read. */
  get open(): VideoList[] {
    if (this.list !== null) return [this.list];
    return this.groups.filter(({ state }) => !folded.has(state)).map(({ list }) => list);
  }

  get loaded(): boolean {
    return this.open.every((list) => list.loaded);
  }

  get problem() {
    return this.open.find((list) => list.problem !== null)?.problem ?? null;
  }

  /** Whether nothing is to be shown, not even a line for what is folded away. */
  get isEmpty(): boolean {
    return this.open.every((list) => list.shown.length === 0) && this.sections.length === 0;
  }

  /** The groups that are worth a line: with videos in them, or folded away and not known to be empty. */
  get sections(): readonly Group[] {
    return this.groups.filter(
      ({ state, list }) => list.shown.length > 0 || (folded.has(state) && counts.ofState(state) !== 0),
    );
  }

  /** What is shown, in order, as one text: it differs when a card comes, goes or moves. */
  get order(): string {
    return this.open.map((list) => list.shown.map((video) => video.id).join()).join('|');
  }

  /** Read all anew, and follow from where the oldest of the answers was true. */
  async load(): Promise<void> {
    const open = this.open;
    // Where all is folded away, one answer is needed all the same: it says where the stream begins.
    const lists = open.length > 0 ? open : this.groups.slice(0, 1).map(({ list }) => list);
    const ids = await Promise.all(lists.map((list) => list.load()));
    const answered = ids.filter((id) => id !== null);
    if (answered.length > 0) live.start(Math.min(...answered));
  }

  changed(change: Change): void {
    for (const list of this.open) list.changed(change);
  }
}

/** Boards already looked at, so that coming back shows them at once, where they were. */
class Boards {
  readonly #kept = new Map<string, Board>();

  constructor() {
    live.onForget(() => this.#kept.clear());
  }

  get(query: BoardQuery, narrowing: Narrowing): Board {
    const key = boardSearch(query);
    const board = this.#kept.get(key) ?? new Board(query, narrowing);
    // Searches come and go; only the last few are worth keeping.
    this.#kept.delete(key);
    this.#kept.set(key, board);
    const first = this.#kept.keys().next().value;
    if (this.#kept.size > 6 && first !== undefined) this.#kept.delete(first);
    return board;
  }
}

export const boards = new Boards();
