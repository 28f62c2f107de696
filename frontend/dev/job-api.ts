/** `/jobs` and `/reconcile` of the mock. */

import type { ServerResponse } from 'node:http';
import type { Job } from '../src/lib/types.ts';
import { json, problem } from './answers.ts';
import type { JobWorld } from './job-world.ts';

type Body = Record<string, unknown>;

export class JobApi {
  constructor(readonly world: JobWorld) {}

  /** Answers when the path is one of its own. */
  answers(method: string, path: string, search: URLSearchParams, body: Body, response: ServerResponse): boolean {
    const [, room, id = '', act] = path.split('/');
    if (room === 'reconcile') this.#reconcile(method, response);
    else if (room !== 'jobs') return false;
    else if (method === 'POST') this.#post(id, act, body, response);
    else this.#get(id, search, response);
    return true;
  }

  #reconcile(method: string, response: ServerResponse): void {
    const { world } = this;
    if (method === 'POST') setTimeout(() => json(response, 200, { runs: world.check() }), 900);
    else
      json(response, 200, {
        missed: { days: 7, received: 42 - world.missed, missed: world.missed, rate: world.missed / 42 },
        runs: world.runs.slice(0, 20),
      });
  }

  #get(id: string, search: URLSearchParams, response: ServerResponse): void {
    if (id === '') return json(response, 200, this.#list(search));
    if (id === 'counts') return json(response, 200, { data: this.world.counts() });
    if (id === 'destinations') return json(response, 200, { data: this.world.destinations });
    const job = this.#find(id);
    if (job === undefined) return problem(response, 404, 'not_found', 'There is no such job');
    json(response, 200, job);
  }

  #post(id: string, act: string | undefined, body: Body, response: ServerResponse): void {
    if (id === 'retry') return this.#retryAll(body, response);
    const job = this.#find(id);
    if (job === undefined) return problem(response, 404, 'not_found', 'There is no such job');
    if (job.state !== 'dead')
      return problem(response, 409, 'conflict', 'Conflict', `The job is ${job.state}: only a dead one can be changed.`);
    if (act === 'discard') return json(response, 200, this.world.discard(job, String(body.reason)));
    setTimeout(() => json(response, 202, this.world.retry(job)), 400);
  }

  #retryAll({ kind, code, video_id }: Body, response: ServerResponse): void {
    const chosen = this.world.jobs.filter(
      (job) =>
        job.state === 'dead' &&
        job.discarded_reason === null &&
        [kind ?? job.kind, code ?? job.error?.code, video_id ?? job.video_id].join() ===
          [job.kind, job.error?.code, job.video_id].join(),
    );
    const retried = chosen.filter(({ repeatable }) => repeatable !== false).map((job) => this.world.retry(job)).length;
    json(response, 202, { retried, skipped: chosen.length - retried });
  }

  #list(search: URLSearchParams): { data: Job[]; next_cursor: string | null } {
    const want = (name: string, value: string | null | undefined) => [null, value].includes(search.get(name));
    const all = this.world.jobs.filter(
      (job) =>
        want('state', job.state) &&
        want('kind', job.kind) &&
        want('code', job.error?.code) &&
        want('video_id', job.video_id) &&
        want('discarded', String(job.discarded_reason !== null)),
    );
    const from = Number(search.get('cursor') ?? 0);
    const to = from + Number(search.get('limit') ?? 50);
    return { data: all.slice(from, to), next_cursor: to < all.length ? String(to) : null };
  }

  #find(id: string): Job | undefined {
    return this.world.jobs.find((job) => job.id === id);
  }
}
