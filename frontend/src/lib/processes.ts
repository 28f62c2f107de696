/** Processes as a person looks at them. Nothing here reads the clock. */

import type { Process } from './api/processes.ts';
import { ago, moment } from './format.ts';
import { processWords as said } from './words/processes.ts';

/** From here on a delay is worth a word: nobody notices less. */
const LAG_S = 0.2;
const SKEW_S = 1;

/** What is well, and what it has to do, in a few words each. */
export function factsOf(one: Process, now: number): string[] {
  const facts = [
    said.version(one.version),
    said.started(ago(one.started_at, now)),
    one.roles.includes('server') ? said.streams(one.streams) : null,
    one.streams_opened > 0 ? said.opened(one.streams_opened) : null,
    one.loop_lag_s >= LAG_S ? said.lag(one.loop_lag_s.toFixed(1)) : null,
    Math.abs(one.clock_skew_s) >= SKEW_S ? said.skew(one.clock_skew_s) : null,
  ];
  return facts.filter((fact) => fact !== null);
}

/** What is wrong with it, one sentence each. Of a destination that it lacks and finds down it is said once. */
export function troublesOf(one: Process, now: number): string[] {
  const lacked = new Set(one.lacks.map(({ name }) => name.replace(/^store /, '')));
  return [
    ...one.lacks.map(({ name, since, reason }) => said.lacks(name, ago(since, now), reason)),
    ...one.down
      .filter(({ name }) => !lacked.has(name))
      .map(({ name, since, reason }) => said.down(name, ago(since, now), reason)),
    ...(one.outage === null ? [] : [outage(one.outage)]),
    ...Object.entries(one.telemetry).map(([what, reason]) => said.telemetry(what, reason)),
  ];
}

function outage({ since, until, failed, reason }: NonNullable<Process['outage']>): string {
  return said.outage(moment(since), until === null ? null : moment(until), failed, reason);
}
