/** What can be said of recovery, from what the server tells. */

import type { Destination, Missed, ReconcileRun } from './types.ts';
import { words } from './words.ts';

/** The last run of each kind: together they are the last check. */
export function lastRuns(runs: readonly ReconcileRun[]): ReconcileRun[] {
  const kinds = new Set<string>();
  return runs.filter(({ kind }) => !kinds.has(kind) && kinds.add(kind));
}

/** Everything that should have come: what came by itself and what had to be asked for. */
export function expected({ received, missed }: Missed): number {
  return received + missed;
}

/** 0 to 1; null while nothing was expected. */
export function missedRate(missed: Missed): number | null {
  const all = expected(missed);
  return missed.rate ?? (all === 0 ? null : missed.missed / all);
}

/** One check in a sentence: what it found, and which part of it did not work. */
export function outcomeOf(runs: readonly ReconcileRun[]): string {
  const { nothingAsked, found, nothing } = words.jobs.recovery;
  if (runs.length === 0) return nothingAsked;
  const count = runs.reduce((sum, run) => sum + run.found, 0);
  const broken = runs.flatMap((run) =>
    run.error === null ? [] : [words.jobs.recovery.runFailed(run.kind, run.error)],
  );
  const all = broken.length === runs.length;
  return [...(all ? [] : [count > 0 ? found(count) : nothing]), ...broken].join(' ');
}

export function downOf(destinations: readonly Destination[]): Destination[] {
  return destinations.filter(({ state }) => state !== 'closed');
}
