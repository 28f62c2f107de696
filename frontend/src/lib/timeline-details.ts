/** What stands behind an entry of the timeline, fact by fact. */

import { bytes, bytesOf, exactMoment, took } from './format.ts';
import { DEAD } from './jobs.ts';
import { paths } from './router.svelte.ts';
import { errorOf, numberOf, textOf } from './timeline.ts';
import type { TimelineEntry } from './types.ts';
import { timelineWords } from './words/timeline.ts';

const say = timelineWords.detail;

export interface Detail {
  name: string;
  value: string;
  /** Where it leads. */
  href?: string;
  mono?: boolean;
}

type May = (scope: string) => boolean;

/** The facts of an entry, those that are known; links lead only where the reader *may* go. */
export function detailsOf(entry: TimelineEntry, may: May): Detail[] {
  const facts = [fact(say.when, exactMoment(entry.at)), ...(FACTS[entry.kind] ?? storyFacts)(entry, may)];
  return facts.filter((one) => one !== null);
}

const FACTS: Record<string, (entry: TimelineEntry, may: May) => (Detail | null)[]> = {
  delivery: deliveryFacts,
  job: workFacts,
  upload: workFacts,
  person: personFacts,
  seen: (entry) => [fact(say.browsers, String(numberOf(entry, 'browsers') ?? '')), at(entry, say.last, 'last_at')],
};

function deliveryFacts(entry: TimelineEntry): (Detail | null)[] {
  const header = textOf(entry, 'signature_header');
  const verified = header === null ? timelineWords.verified[textOf(entry, 'source') ?? ''] : say.header(header);
  const replays = numberOf(entry, 'replays') ?? 0;
  const event = textOf(entry, 'event_id');
  return [
    fact(say.verified, verified ?? null),
    text(entry, say.from, 'remote', true),
    fact(say.verdict, textOf(entry, 'verdict') ?? timelineWords.verdictPending),
    at(entry, say.applied, 'applied_at'),
    replays === 0 ? null : fact(say.replays, `${say.times(replays)}: ${textOf(entry, 'replay_verdict') ?? ''}`),
    link(say.event, say.openEvent, event === null ? null : paths.section('deliveries', event)),
  ];
}

function workFacts(entry: TimelineEntry): (Detail | null)[] {
  const job = textOf(entry, 'job_id');
  const error = errorOf(entry);
  const number = numberOf(entry, 'number');
  const state = textOf(entry, 'state');
  return [
    at(entry, say.pickedUp, 'started_at'),
    at(entry, say.ended, 'ended_at'),
    fact(say.took, durationOf(entry)),
    fact(say.reached, reachedOf(entry)),
    fact(say.reason, error?.message ?? null),
    fact(say.code, error?.code ?? null, true),
    fact(say.outside, error?.outside_code ?? null, true),
    at(entry, say.next, 'next_at'),
    ...(number === null
      ? [
          fact(say.state, state === null ? null : (timelineWords.state[state] ?? state)),
          fact(say.attempts, String(numberOf(entry, 'attempts') ?? 0)),
          state === 'available' || state === 'retryable' ? at(entry, say.due, 'run_at') : null,
          text(entry, say.discarded, 'discarded_reason'),
          at(entry, say.finished, 'finished_at'),
        ]
      : []),
    link(say.job, say.openJob, job === null ? null : paths.job(job, DEAD)),
  ];
}

function durationOf(entry: TimelineEntry): string | null {
  const [began, ended] = [textOf(entry, 'started_at'), textOf(entry, 'ended_at')];
  return began === null || ended === null ? null : took(Date.parse(ended) - Date.parse(began));
}

function reachedOf(entry: TimelineEntry): string | null {
  const done = numberOf(entry, 'bytes');
  return done === null || done === 0 ? null : bytesOf(done, numberOf(entry, 'total'));
}

function personFacts(entry: TimelineEntry): (Detail | null)[] {
  const said = Object.entries((entry.data.said ?? {}) as Record<string, unknown>);
  return [
    text(entry, say.who, 'actor', true),
    text(entry, say.target, 'target', true),
    ...said.map(([name, value]) => fact(name, typeof value === 'string' ? value : JSON.stringify(value), true)),
  ];
}

function storyFacts(entry: TimelineEntry, may: May): (Detail | null)[] {
  const [cause, video] = [textOf(entry, 'cause'), textOf(entry, 'as_video')];
  const size = numberOf(entry, 'bytes');
  const whole = entry.kind === 'attempt_failed' ? null : size;
  return [
    text(entry, say.code, 'code', true),
    entry.kind === 'attempt_failed' ? fact(say.reached, reachedOf(entry)) : null,
    fact(say.bytes, whole === null ? null : bytes(whole)),
    text(entry, say.store, 'store'),
    text(entry, say.sha256, 'sha256', true),
    link(say.cause, say.openEvent, cause !== null && may('events:read') ? paths.section('deliveries', cause) : null),
    link(say.video, say.openVideo, video === null ? null : paths.video(video)),
  ];
}

function fact(name: string, value: string | null, mono = false): Detail | null {
  return value === null ? null : { name, value, mono };
}

function text(entry: TimelineEntry, name: string, key: string, mono = false): Detail | null {
  return fact(name, textOf(entry, key), mono);
}

function at(entry: TimelineEntry, name: string, key: string): Detail | null {
  const moment = textOf(entry, key);
  return moment === null ? null : fact(name, exactMoment(moment));
}

function link(name: string, value: string, href: string | null): Detail | null {
  return href === null ? null : { name, value, href };
}
