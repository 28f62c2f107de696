/**
 * Many new videos, sent a few at a time. Each has a key of its own, so that sending one again, after a break or a reload,
 * makes no second video.
 */

import type { Made } from '../api/new-videos.ts';
import { asProblem, type Problem } from '../api.ts';

export type RowState = 'waiting' | 'sending' | 'done' | 'failed';

export interface SendingRow<Item> {
  /** Names it on the page and, as Idempotency-Key, at the server. */
  key: string;
  item: Item;
  state: RowState;
  videoId: string | null;
  /** False: the video was here already. */
  fresh: boolean;
  /** Why it was refused. */
  problem: Problem | null;
  /** When it was sent, while nobody knows what became of it. */
  askedAt: number | null;
}

export const AT_ONCE = 3;
const BUSY_S = 5;
/** The server remembers keys for 24 hours. What was sent longer ago without an answer is not sent again by itself. */
export const REMEMBERED_MS = 23 * 3_600_000;

export function newRow<Item>(key: string, item: Item): SendingRow<Item> {
  return { key, item, state: 'waiting', videoId: null, fresh: false, problem: null, askedAt: null };
}

export class Sending<Item> {
  rows = $state.raw<SendingRow<Item>[]>([]);
  running = $state(false);
  /** The server asked to wait until then. */
  waitsUntil = $state<number | null>(null);
  /** Why it stopped by itself. */
  trouble = $state.raw<Problem | null>(null);
  readonly done = $derived(this.rows.filter(({ state }) => state === 'done').length);
  readonly failed = $derived(this.rows.filter(({ state }) => state === 'failed').length);
  readonly left = $derived(this.rows.length - this.done - this.failed);
  /** Which run is the present one: what is left of an earlier one ends nothing of it. */
  #run = 0;

  constructor(
    private readonly send: (item: Item, key: string) => Promise<Made>,
    private readonly changed: () => void = () => undefined,
    private readonly sleep = (ms: number) => new Promise<void>((wake) => setTimeout(wake, ms)),
  ) {}

  /** Go on with everything that waits, until nothing does or it is stopped. */
  async run(): Promise<void> {
    if (this.running) return;
    this.running = true;
    this.trouble = null;
    this.#run += 1;
    const run = this.#run;
    await Promise.all(Array.from({ length: AT_ONCE }, () => this.#worker(run)));
    if (run !== this.#run) return;
    this.running = false;
    this.waitsUntil = null;
  }

  /** Begin nothing new. What is on its way arrives. */
  stop(): void {
    this.running = false;
  }

  add(rows: readonly SendingRow<Item>[]): void {
    this.rows = [...this.rows, ...rows];
    this.changed();
  }

  /** Those that were refused wait again. */
  retryFailed(): void {
    this.rows = this.rows.map((row) => (row.state === 'failed' ? { ...row, state: 'waiting', problem: null } : row));
    this.changed();
  }

  async #worker(run: number): Promise<void> {
    while (this.running && run === this.#run) {
      if (this.waitsUntil !== null) {
        await this.#pause(this.waitsUntil);
        continue;
      }
      const next = this.rows.find(({ state }) => state === 'waiting');
      if (next === undefined) return;
      await this.#one(next);
    }
  }

  async #one({ key, item }: SendingRow<Item>): Promise<void> {
    this.#set(key, { state: 'sending', askedAt: Date.now() });
    try {
      const { video, fresh } = await this.send(item, key);
      this.#set(key, { state: 'done', videoId: video.id, fresh, askedAt: null });
    } catch (error) {
      this.#refused(key, asProblem(error));
    }
  }

  #refused(key: string, problem: Problem): void {
    if (problem.status === 429) {
      this.#set(key, { state: 'waiting', askedAt: null });
      this.waitsUntil = Date.now() + (problem.retryAfterS ?? BUSY_S) * 1_000;
    } else if (problem.mayPass || problem.isUnauthorized) {
      // Whether it arrived is not known, or nothing else would: it waits with its key until somebody goes on.
      this.#set(key, problem.isUnauthorized ? { state: 'waiting', askedAt: null } : { state: 'waiting' });
      this.trouble = problem;
      this.stop();
    } else {
      this.#set(key, { state: 'failed', problem, askedAt: null });
    }
  }

  async #pause(until: number): Promise<void> {
    await this.sleep(Math.max(0, until - Date.now()));
    if (this.waitsUntil === until) this.waitsUntil = null;
  }

  #set(key: string, over: Partial<SendingRow<Item>>): void {
    this.rows = this.rows.map((row) => (row.key === key ? { ...row, ...over } : row));
    this.changed();
  }
}
