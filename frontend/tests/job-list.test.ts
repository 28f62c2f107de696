import { beforeEach, describe, expect, it, vi } from 'vitest';
import { type JobQuery, Problem } from '../src/lib/api.ts';
import { JobList } from '../src/lib/job-list.svelte.ts';
import { DEAD } from '../src/lib/jobs.ts';
import type { Job } from '../src/lib/types.ts';
import { aJob } from './jobs.ts';

const idOf = (index: number) => `job-${String(index).padStart(4, '0')}`;

/** A server with jobs of its own, newest first, in pages. */
class Server {
  jobs: Job[] = [];
  limits: number[] = [];
  trouble: Problem | null = null;

  constructor(count: number) {
    for (let index = count; index > 0; index -= 1) this.jobs.push(aJob({ id: idOf(index) }));
  }

  async list(which: JobQuery, cursor: string | null = null, limit = 50) {
    this.limits.push(limit);
    if (this.trouble !== null) throw this.trouble;
    const all = this.jobs.filter(({ state }) => state === which.state);
    const to = Number(cursor ?? 0) + limit;
    return { data: all.slice(Number(cursor ?? 0), to), next_cursor: to < all.length ? String(to) : null };
  }

  async one(id: string) {
    const found = this.jobs.find((job) => job.id === id);
    if (found === undefined) throw new Problem(404, 'not_found', 'There is no such job');
    return found;
  }

  become(id: string, over: Partial<Job>): Job {
    const changed = { ...(this.jobs.find((job) => job.id === id) ?? aJob()), ...over };
    this.jobs = this.jobs.map((job) => (job.id === id ? changed : job));
    return changed;
  }
}

let server: Server;
const listOf = () => new JobList(DEAD, { jobs: (...which) => server.list(...which), job: (id) => server.one(id) });
const ids = (list: JobList) => list.shown.map(({ id }) => id);

beforeEach(() => {
  server = new Server(3);
});

describe('the list of jobs', () => {
  it('shows the newest first, and says when there are older ones', async () => {
    server = new Server(60);
    const list = listOf();
    expect(await list.load()).toBe(true);
    expect([ids(list)[0], ids(list).length, list.hasOlder]).toEqual([idOf(60), 50, true]);
    await list.older();
    expect([ids(list).length, list.hasOlder]).toEqual([60, false]);
  });

  it('reads again all that is shown, in as few pages as the server gives', async () => {
    server = new Server(300);
    const list = listOf();
    await list.load();
    for (let more = 0; more < 4; more += 1) await list.older();
    server.limits = [];
    await list.load();
    expect([ids(list).length, server.limits]).toEqual([250, [200, 50]]);
  });

  it('ends where a page becomes too long', async () => {
    server = new Server(500);
    const list = listOf();
    await list.load();
    for (let more = 0; more < 9; more += 1) await list.older();
    expect([ids(list).length, list.isFull, list.hasOlder]).toEqual([400, true, true]);
  });

  it('keeps what was read when the server is away, and says that it may be old', async () => {
    const list = listOf();
    await list.load();
    server.trouble = new Problem(503, 'away', 'Away');
    expect(await list.load()).toBe(false);
    expect([ids(list).length, list.problem?.code]).toEqual([3, 'away']);
    server.trouble = null;
    await list.load();
    expect(list.problem).toBeNull();
  });
});

describe('a job somebody acted on', () => {
  it('stays in its place and is followed to its end', async () => {
    const list = listOf();
    await list.load();
    list.put(server.become(idOf(2), { state: 'available' }));
    await list.load();
    expect(list.shown.map(({ state }) => state)).toEqual(['dead', 'available', 'dead']);
    server.become(idOf(2), { state: 'done' });
    await list.load();
    expect(list.find(idOf(2))?.state).toBe('done');
  });

  it('is not asked for any more once it is over', async () => {
    const list = listOf();
    await list.load();
    list.put(server.become(idOf(2), { state: 'done' }));
    const one = vi.spyOn(server, 'one');
    await list.load();
    expect(one).not.toHaveBeenCalled();
    expect(ids(list)).toHaveLength(3);
  });

  it('is not undone by an answer that was on its way', async () => {
    const list = listOf();
    await list.load();
    const onItsWay = list.load();
    list.put(aJob({ id: idOf(2), state: 'available' }));
    await onItsWay;
    expect(list.find(idOf(2))?.state).toBe('available');
  });

  it('leaves with the visit', async () => {
    const list = listOf();
    await list.load();
    list.put(server.become(idOf(2), { state: 'available' }));
    list.revisit();
    await list.load();
    expect(ids(list)).toEqual([idOf(3), idOf(1)]);
  });

  it('that is forgotten by the server leaves too', async () => {
    const list = listOf();
    await list.load();
    list.keep(idOf(2));
    server.jobs = server.jobs.filter(({ id }) => id !== idOf(2));
    await list.load();
    expect(ids(list)).toEqual([idOf(3), idOf(1)]);
  });
});

describe('the opened job', () => {
  it('is read although the list does not hold it, and does not join the list', async () => {
    server.become(idOf(1), { state: 'done' });
    const list = listOf();
    list.opened = idOf(1);
    await list.load();
    expect([list.find(idOf(1))?.state, ids(list)]).toEqual(['done', [idOf(3), idOf(2)]]);
  });

  it('does not join it by being acted on either', async () => {
    server.become(idOf(1), { state: 'running' });
    const list = listOf();
    list.opened = idOf(1);
    await list.load();
    list.put(server.become(idOf(1), { state: 'available' }));
    await list.load();
    expect(ids(list)).toEqual([idOf(3), idOf(2)]);
  });

  it('may be one that there is not', async () => {
    const list = listOf();
    list.opened = 'nobody';
    expect(await list.load()).toBe(true);
    expect([list.isGone('nobody'), list.find('nobody')]).toEqual([true, undefined]);
  });
});

it('counts what "try all again" would try, beyond what is shown', async () => {
  server = new Server(450);
  server.become(idOf(7), { repeatable: false });
  expect(await listOf().tally()).toEqual({ repeatable: 449, fixed: 1, whole: true });
  server = new Server(2_001);
  expect(await listOf().tally()).toEqual({ repeatable: 2_000, fixed: 0, whole: false });
});
