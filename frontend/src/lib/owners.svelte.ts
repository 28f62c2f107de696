/** Whose a video is, by name where one may know it: a person's subject is the id of that person. */

import { SvelteMap } from 'svelte/reactivity';
import { type Person, peopleApi } from './api/people.ts';
import { live } from './live.svelte.ts';
import { session } from './session.svelte.ts';
import { boardWords } from './words/board.ts';

/** Whoever has more people than this finds the others by their id. */
const MOST_PAGES = 10;

class Owners {
  readonly #people = new SvelteMap<string, Person>();
  #asked: Promise<void> | null = null;

  constructor() {
    live.onForget(() => {
      this.#people.clear();
      this.#asked = null;
    });
  }

  get mayList(): boolean {
    return session.may('people:read');
  }

  /** Those who may be given something, by name. */
  get people(): Person[] {
    return [...this.#people.values()]
      .filter((person) => person.disabled_at === null)
      .sort((a, b) => a.email.localeCompare(b.email));
  }

  nameOf(subject: string): string {
    if (subject === session.principal?.id) return boardWords.you;
    return this.#people.get(subject)?.email ?? subject;
  }

  /** Once; after a failure, again with the next call. */
  load(): Promise<void> {
    if (!this.mayList) return Promise.resolve();
    this.#asked ??= this.#read().catch((error: unknown) => {
      this.#asked = null;
      throw error;
    });
    return this.#asked;
  }

  async #read(): Promise<void> {
    let cursor: string | null = null;
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const { data, next_cursor } = await peopleApi.list(cursor);
      for (const person of data) this.#people.set(person.id, person);
      if (next_cursor === null) return;
      cursor = next_cursor;
    }
  }
}

export const owners = new Owners();
