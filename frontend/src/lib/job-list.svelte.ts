/** The jobs of one filter, read anew as long as somebody looks. One that was acted on stays in its place and is followed. */

import { SvelteMap, SvelteSet } from 'svelte/reactivity';
import { api, asProblem, type Problem } from './api.ts';
import { byNewestId, isOver, type JobFilter, jobQuery, jobSearch, mayRetry } from './jobs.ts';
import { live, troubleOf } from './live.svelte.ts';
import type { Asked } from './polled.svelte.ts';
import type { Job } from './types.ts';

const PAGE = 50;
/** As many as the server gives at once, and as many as are worth reading again and again. */
const LONGEST_PAGE = 200;
const MOST = 400;
/** Counting for "try all again" ends here, and says so. */
const COUNTED_PAGES = 10;

/** `whole` is false when there are still more than were counted. */
export interface Tally {
  repeatable: number;
  fixed: number;
  whole: boolean;
}

export class JobList implements Asked<readonly Job[]> {
  readonly filter: JobFilter;
  readonly #known = new SvelteMap<string, Job>();
  readonly #gone = new SvelteSet<string>();
  /** Acted on here: they stay on the list after they left the filter. */
  readonly #kept = new Set<string>();
  #ids = $state.raw<ReadonlySet<string>>(new Set());
  #hasOlder = $state(false);
  #wanted = PAGE;
  #round = 0;
  /** The job whose story is open; it need not be of this filter. */
  opened: string | null = null;
  loaded = $state(false);
  loadingOlder = $state(false);
  problem = $state.raw<Problem | null>(null);

  constructor(
    filter: JobFilter,
    private readonly ask: Pick<typeof api, 'jobs' | 'job'> = api,
  ) {
    this.filter = filter;
  }

  get shown(): Job[] {
    return [...this.#ids]
      .map((id) => this.#known.get(id))
      .filter((job) => job !== undefined)
      .sort(byNewestId);
  }

  /** What is shown, once it is known. */
  get value(): readonly Job[] | null {
    return this.loaded ? this.shown : null;
  }

  get hasOlder(): boolean {
    return this.#hasOlder;
  }

  find(id: string): Job | undefined {
    return this.#known.get(id);
  }

  isGone(id: string): boolean {
    return this.#gone.has(id);
  }

  /** Leave it in its place, whatever becomes of it. */
  keep(id: string): void {
    this.#kept.add(id);
  }

  /** A new visit: what was acted on during the one before has had its time. */
  revisit(): void {
    this.#kept.clear();
  }

  /** What the server answered to an act. Whatever was asked before that is worthless now. */
  put(job: Job): void {
    this.#round += 1;
    this.keep(job.id);
    this.#known.set(job.id, job);
  }

  /** Read again all that is shown. Returns whether it went well. */
  async load(): Promise<boolean> {
    const round = ++this.#round;
    try {
      const { data, more } = await this.#pages(this.#wanted);
      const followed = await this.#follow(data);
      if (round === this.#round) this.#take(data, more, followed);
    } catch (error) {
      if (round === this.#round) this.problem = troubleOf(error);
    }
    return this.problem === null;
  }

  async older(): Promise<void> {
    if (!this.#hasOlder || this.isFull || this.loadingOlder) return;
    this.#wanted = Math.min(MOST, this.#wanted + PAGE);
    this.loadingOlder = true;
    await this.load();
    this.loadingOlder = false;
  }

  /** Older ones would make the page too long; a narrower filter shows them. */
  get isFull(): boolean {
    return this.#wanted >= MOST;
  }

  /** How many jobs of this filter there are just now, for a question that names the number. */
  async tally(): Promise<Tally> {
    const { data, more } = await this.#pages(COUNTED_PAGES * LONGEST_PAGE);
    const repeatable = data.filter(mayRetry).length;
    return { repeatable, fixed: data.length - repeatable, whole: !more };
  }

  async #pages(atLeast: number): Promise<{ data: Job[]; more: boolean }> {
    const data: Job[] = [];
    let cursor: string | null = null;
    do {
      const limit = Math.min(LONGEST_PAGE, atLeast - data.length);
      const page: { data: Job[]; next_cursor: string | null } = await this.ask.jobs(
        jobQuery(this.filter),
        cursor,
        limit,
      );
      data.push(...page.data);
      cursor = page.next_cursor;
    } while (cursor !== null && data.length < atLeast);
    return { data, more: cursor !== null };
  }

  /** The jobs we look at that left the list, each by itself; null when one is no more. */
  async #follow(listed: readonly Job[]): Promise<Map<string, Job | null>> {
    const there = new Set(listed.map(({ id }) => id));
    const wanted = new Set([...this.#kept, ...(this.opened === null ? [] : [this.opened])]);
    const away = [...wanted].filter((id) => !there.has(id) && !this.#isOver(id));
    return new Map(await Promise.all(away.map(async (id) => [id, await this.#jobOrNull(id)] as const)));
  }

  #isOver(id: string): boolean {
    const job = this.#known.get(id);
    return job !== undefined && isOver(job);
  }

  #take(data: readonly Job[], more: boolean, followed: ReadonlyMap<string, Job | null>): void {
    for (const job of data) this.#known.set(job.id, job);
    for (const [id, job] of followed) {
      if (job === null) this.#gone.add(id);
      else this.#known.set(id, job);
    }
    const kept = [...this.#kept].filter((id) => this.#ids.has(id) && !this.#gone.has(id));
    this.#ids = new Set([...data.map(({ id }) => id), ...kept]);
    this.#hasOlder = more;
    this.loaded = true;
    this.problem = null;
  }

  async #jobOrNull(id: string): Promise<Job | null> {
    try {
      return await this.ask.job(id);
    } catch (error) {
      const problem = asProblem(error);
      if (problem.status === 404) return null;
      throw problem;
    }
  }
}

/** The lists looked at last, so that coming back shows one at once. */
class JobLists {
  readonly #lists = new Map<string, JobList>();
  #last: JobList | null = null;

  constructor() {
    live.onForget(() => this.#lists.clear());
  }

  get(filter: JobFilter): JobList {
    const key = jobSearch(filter);
    const list = this.#lists.get(key) ?? new JobList(filter);
    this.#lists.delete(key);
    this.#lists.set(key, list);
    const first = this.#lists.keys().next().value;
    if (this.#lists.size > 6 && first !== undefined) this.#lists.delete(first);
    if (list !== this.#last) list.revisit();
    this.#last = list;
    return list;
  }
}

export const jobLists = new JobLists();
