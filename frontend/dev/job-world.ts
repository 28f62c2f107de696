/** Invented jobs that fail as real ones do. Nothing here is shipped. */

import type { Destination, Job, JobAttempt, JobCounts, JobError, ReconcileRun, Video } from '../src/lib/types.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const STORE_AWAY: JobError = {
  code: 'store_unavailable',
  message: 'Cloudinary answered 503 (an HTML page): it may be down for a moment.',
  retryable: true,
};
const PLAN: JobError = {
  code: 'plan_limit',
  message: 'Cloudinary refused the file: 214 MB is more than the 100 MB that the plan allows for one video.',
  retryable: false,
  outside_code: '400',
};
const LINK: JobError = {
  code: 'link_expired',
  message: 'The link to the file has expired, and HeyGen gave the same one again.',
  retryable: true,
};
const CREDIT: JobError = {
  code: 'heygen_refused',
  message: 'HeyGen refused: Insufficient credit. This operation requires ‘api’ credits.',
  retryable: false,
  outside_code: 'MOVIO_PAYMENT_INSUFFICIENT_CREDIT',
};
const SURPRISE: JobError = {
  code: 'unexpected',
  message:
    "KeyError: 'event_data' while reading /a/very/long/path/without/any/space/that/goes/on/and/on/until/it/would/stick/out/of/a/phone/events.py:118. This is a fault in Reelhook or something it has never met; the whole story is in the log under this job’s id, and a newer version may know better.",
  retryable: true,
};
const AWAY: JobError = { code: 'postponed', message: 'Cloudinary does not answer', retryable: true };

type Seed = Partial<Job> & { kind: string; age: number; failed?: [JobError, number][] };

export class JobWorld {
  jobs: Job[] = [];
  runs: ReconcileRun[];
  destinations: Destination[] = [];
  missed = 0;
  #count = 0;

  constructor(
    private readonly videos: Video[],
    private readonly clock: () => number = Date.now,
  ) {
    this.runs = [12, 12, 75, 75, 24 * 60].map((ago, index) => this.#run(index, ago * MINUTE));
    this.#fill();
  }

  counts(): JobCounts {
    const counts = { available: 0, running: 0, retryable: 0, dead: 0, discarded: 0 };
    for (const { state, discarded_reason } of this.jobs) {
      if (state === 'dead' && discarded_reason !== null) counts.discarded += 1;
      else if (state !== 'done') counts[state] += 1;
    }
    return counts;
  }

  /** Two hundred dead letters: a bad night. */
  flood(): void {
    for (let index = 0; index < 200; index += 1) {
      const video = this.videos[8 + (index % 120)];
      const failed: [JobError, number][] = [[index % 9 === 4 ? PLAN : index % 31 === 7 ? SURPRISE : STORE_AWAY, 12]];
      this.#add({
        kind: 'archive_asset',
        age: HOUR + index * MINUTE,
        video_id: video?.id ?? null,
        state: 'dead',
        failed,
      });
    }
    this.#sort();
  }

  breakDown(): void {
    this.destinations = [
      { name: 'heygen', state: 'closed', since: null, retry_at: null, reason: null },
      {
        name: 'cloudinary',
        state: 'open',
        since: this.#at(-4 * MINUTE),
        retry_at: this.#at(40_000),
        reason: 'The last 5 requests were answered 503.',
      },
    ];
    this.missed = 3;
    for (let index = 0; index < 12; index += 1)
      this.#add({ kind: 'archive_asset', age: index * 20_000, state: 'available', failed: [[AWAY, 1]] });
    this.#sort();
  }

  retry(job: Job): Job {
    Object.assign(job, { state: 'available', run_at: this.#at(0), finished_at: null, discarded_reason: null });
    return job;
  }

  discard(job: Job, reason: string): Job {
    return Object.assign(job, { discarded_reason: reason, finished_at: this.#at(0) });
  }

  /** What one beat of time does: what was asked for again runs, and goes well more often than not. */
  step(): void {
    for (const job of this.jobs) {
      if (job.error?.code === 'postponed' || job.kind === 'prune') continue;
      if (job.state === 'available' && Math.random() < 0.2) job.state = 'running';
      else if (job.state === 'running' && Math.random() < 0.2) this.#end(job);
    }
  }

  check(): ReconcileRun[] {
    const runs = [this.#run(this.runs.length, 0), this.#run(this.runs.length + 1, 0)];
    this.runs = [...runs, ...this.runs];
    return runs;
  }

  #end(job: Job): void {
    const outcome = Math.random() < 0.7 ? 'done' : 'dead';
    const error = outcome === 'done' ? null : job.error;
    job.attempts = [...job.attempts, this.#attempt(job.attempts.length + 1, outcome, error, 4_000)];
    Object.assign(job, { state: outcome, error, finished_at: this.#at(0) });
  }

  #fill(): void {
    const unarchived = this.videos.filter(({ state }) => state === 'unarchived')[0]?.id ?? null;
    const failed = this.videos.filter(({ state }) => state === 'failed').map(({ id }) => id);
    const dead = { state: 'dead' as const };
    this.#add({
      ...dead,
      kind: 'archive_asset',
      age: 3 * HOUR,
      video_id: unarchived,
      failed: [
        [LINK, 2],
        [STORE_AWAY, 9],
        [PLAN, 1],
      ],
    });
    this.#add({
      ...dead,
      kind: 'request_video',
      age: 5 * HOUR,
      video_id: failed[0] ?? null,
      repeatable: false,
      failed: [[CREDIT, 1]],
    });
    this.#add({ ...dead, kind: 'apply_events', age: 26 * HOUR, failed: [[SURPRISE, 12]] });
    this.#add({ ...dead, kind: 'archive_asset', age: 2 * DAY, video_id: '0193ffff-gone', failed: [[STORE_AWAY, 12]] });
    this.#add({ ...dead, kind: 'delete_stored', age: 9 * DAY, repeatable: false, failed: [[STORE_AWAY, 12]] });
    this.#add({
      ...dead,
      kind: 'request_video',
      age: 3 * DAY,
      video_id: failed[1] ?? null,
      discarded_reason: 'Asked for twice by mistake; Camille has the other one.',
      failed: [[CREDIT, 1]],
    });
    this.#add({
      kind: 'archive_asset',
      age: 9 * MINUTE,
      video_id: this.videos[1]?.id ?? null,
      state: 'retryable',
      run_at: this.#at(3 * MINUTE),
      failed: [[STORE_AWAY, 3]],
    });
    this.#add({
      kind: 'confirm_video',
      age: 2 * MINUTE,
      video_id: this.videos[4]?.id ?? null,
      state: 'retryable',
      run_at: this.#at(40_000),
      failed: [
        [{ code: 'heygen_unavailable', message: 'HeyGen answered 429: too many requests.', retryable: true }, 1],
      ],
    });
    this.#add({ kind: 'archive_asset', age: MINUTE, video_id: this.videos[1]?.id ?? null, state: 'running' });
    this.#add({ kind: 'prune', age: 20 * MINUTE, state: 'available', run_at: this.#at(40 * MINUTE) });
    this.#sort();
  }

  #add({ age, failed = [], ...over }: Seed): void {
    const number = this.#count++;
    const begin = this.clock() - age;
    const attempts = this.#story(failed, begin, over.state === 'dead');
    const ended = over.state === 'dead' ? (attempts.at(-1)?.ended_at ?? null) : null;
    this.jobs.push({
      id: `${begin.toString(16).padStart(12, '0')}-7b31-8d2f-${String(number).padStart(12, '0')}`,
      payload:
        over.kind === 'apply_events'
          ? { event_ids: ['0193f1a2-55c0-7c11-8aa4-000000000017'] }
          : { video_id: over.video_id, asset_id: '0193f1a2-6d10-7a02-9b5e-000000000031' },
      video_id: null,
      state: 'available',
      run_at: this.#at(-age),
      deadline: this.#at(-age + DAY),
      error: failed.at(-1)?.[0] ?? null,
      created_at: this.#at(-age),
      finished_at: ended,
      attempts,
      discarded_reason: null,
      repeatable: true,
      ...over,
    });
  }

  #story(failed: [JobError, number][], begin: number, dead: boolean): JobAttempt[] {
    const errors = failed.flatMap(([error, times]) => Array.from({ length: times }, () => error));
    let at = begin;
    return errors.map((error, index) => {
      at += Math.min(2 ** index * 1_000, 300_000);
      const outcome =
        error.code === 'postponed' ? 'postponed' : dead && index === errors.length - 1 ? 'dead' : 'retryable';
      return this.#attempt(index + 1, outcome, error, 700 + ((index * 977) % 9_000), at);
    });
  }

  #attempt(
    number: number,
    outcome: JobAttempt['outcome'],
    error: JobError | null,
    took: number,
    from?: number,
  ): JobAttempt {
    const begin = from ?? this.clock() - took;
    const time = (ms: number) => new Date(ms).toISOString();
    return { number, started_at: time(begin), ended_at: time(begin + took), outcome, error };
  }

  #run(index: number, ago: number): ReconcileRun {
    const kind = index % 2 === 0 ? 'videos' : 'history';
    const broken = index === 3;
    return {
      id: 100 - index,
      kind,
      started_at: this.#at(-ago - 2_000),
      ended_at: this.#at(-ago),
      asked: kind === 'videos' ? 3 : 118,
      found: index === 4 ? 2 : 0,
      error: broken ? { code: 'heygen_unavailable', message: 'HeyGen answered 429: too many requests.' } : null,
      report: null,
    };
  }

  #sort(): void {
    this.jobs.sort((a, b) => (a.id < b.id ? 1 : -1));
  }

  #at(offset: number): string {
    return new Date(this.clock() + offset).toISOString();
  }
}
