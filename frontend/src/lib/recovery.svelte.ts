/** How recovery goes: what reconcile found, and which destinations are away. */

import { api, type Problem } from './api.ts';
import { live, troubleOf } from './live.svelte.ts';
import { downOf, outcomeOf } from './recovery.ts';
import type { Destination, Reconcile } from './types.ts';
import { words } from './words.ts';

const MOST_COUNTED = 200;

class Recovery {
  report = $state.raw<Reconcile | null>(null);
  down = $state.raw<readonly Destination[]>([]);
  /** Jobs that were put off because a destination is away; null when nobody knows, `more` when there are even more. */
  waiting = $state.raw<{ count: number; more: boolean } | null>(null);
  problem = $state.raw<Problem | null>(null);
  checking = $state(false);
  /** What the check that somebody asked for found, in words. */
  said = $state<string | null>(null);

  constructor() {
    live.onForget(() => this.#forget());
  }

  /** Whether it went well. What cannot be read leaves what was known. */
  async load(): Promise<boolean> {
    const well = await Promise.all([this.#loadReport(), this.#loadDestinations()]);
    return well.every(Boolean);
  }

  async checkNow(): Promise<void> {
    if (this.checking) return;
    this.checking = true;
    this.said = null;
    try {
      const { runs } = await api.reconcileNow(['videos', 'history']);
      this.said = outcomeOf(runs);
    } catch (error) {
      this.said = `${words.jobs.recovery.checkFailed} ${words.problem.why(troubleOf(error))}`;
    }
    this.checking = false;
    await this.#loadReport();
  }

  async #loadReport(): Promise<boolean> {
    try {
      this.report = await api.reconcile();
      this.problem = null;
    } catch (error) {
      this.problem = troubleOf(error);
    }
    return this.problem === null;
  }

  async #loadDestinations(): Promise<boolean> {
    try {
      this.down = downOf((await api.destinations()).data);
      this.waiting = this.down.length === 0 ? null : await countWaiting();
      return true;
    } catch (error) {
      troubleOf(error);
      return false;
    }
  }

  #forget(): void {
    this.report = null;
    this.down = [];
    this.waiting = null;
    this.problem = null;
    this.said = null;
  }
}

async function countWaiting(): Promise<{ count: number; more: boolean }> {
  const page = await api.jobs({ state: 'available', code: 'postponed' }, null, MOST_COUNTED);
  return { count: page.data.length, more: page.next_cursor !== null };
}

export const recovery = new Recovery();
