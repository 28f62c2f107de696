/** A person's preferences while they are changed: shown at once, saved one after the other, undone when refused. */

import type { NotificationKind } from './api/notifications.ts';
import type { Own, Personal, Preferences, Wishes } from './api/preferences.ts';
import type { Problem } from './api.ts';
import { troubleOf } from './live.svelte.ts';

/** What the person chose, with one more choice. */
export function chosen(mine: Own, kind: NotificationKind, way: Personal, on: boolean): Own {
  return { ...mine, [kind]: { ...mine[kind], [way]: on } };
}

/** What the person chose, without anything about one kind. */
export function unchosen(mine: Own, kind: NotificationKind): Own {
  return Object.fromEntries(Object.entries(mine).filter(([name]) => name !== kind));
}

/** How it will look when these wishes are granted. What the levels above say of a choice taken back, only the server knows. */
export function wished(now: Preferences, wishes: Wishes): Preferences {
  const kinds = structuredClone(now.kinds);
  for (const [kind, ways] of Object.entries(wishes.mine ?? {})) {
    for (const [way, on] of Object.entries(ways)) {
      const choice = kinds[kind as NotificationKind][way as Personal];
      if (!choice.locked) Object.assign(choice, { on, from: 'mine' });
    }
  }
  return { ...now, ...wishes, kinds };
}

/** What a test replaces. */
export interface PreferencesServer {
  read(): Promise<Preferences>;
  change(wishes: Wishes): Promise<Preferences>;
}

export class PreferencesDesk {
  value = $state.raw<Preferences | null>(null);
  /** Why they could not be read. */
  problem = $state.raw<Problem | null>(null);
  /** Why the last change was undone. */
  trouble = $state.raw<Problem | null>(null);
  saving = $state<'no' | 'saving' | 'saved'>('no');
  #granted: Preferences | null = null;
  #waiting: Wishes | null = null;

  constructor(private readonly server: PreferencesServer) {}

  async load(): Promise<void> {
    try {
      this.#granted = await this.server.read();
      this.value = this.#waiting === null ? this.#granted : wished(this.#granted, this.#waiting);
      this.problem = null;
    } catch (error) {
      this.problem = troubleOf(error);
    }
  }

  /** Show it at once and save it; what is changed meanwhile is saved together after it. */
  async change(wishes: Wishes): Promise<void> {
    if (this.value === null) return;
    this.value = wished(this.value, wishes);
    this.#waiting = { ...this.#waiting, ...wishes };
    this.trouble = null;
    if (this.saving === 'saving') return;
    this.saving = 'saving';
    await this.#save();
  }

  async #save(): Promise<void> {
    try {
      while (this.#waiting !== null) {
        const wishes = this.#waiting;
        this.#waiting = null;
        this.#granted = await this.server.change(wishes);
      }
      this.value = this.#granted;
      this.saving = 'saved';
    } catch (error) {
      // What was wished meanwhile is built on what was refused.
      this.#waiting = null;
      this.value = this.#granted;
      this.saving = 'no';
      this.trouble = troubleOf(error);
    }
  }
}
