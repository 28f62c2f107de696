/** The timeline as it is read: entries of many kinds in one column, each with what it says and how loud. */

import { took } from './format.ts';
import { jobWords } from './job-words.ts';
import type { JobError, StoredAsset, TimelineEntry } from './types.ts';
import { auditWords } from './words/audit.ts';
import { timelineWords } from './words/timeline.ts';
import { words } from './words.ts';

export type Tone = 'plain' | 'quiet' | 'good' | 'lamp' | 'stop';

/** What an entry says at a glance. */
export interface Line {
  word: string;
  text: string;
  /** Short facts behind the text. */
  notes: string[];
  tone: Tone;
}

const STOPS = ['failed', 'unarchived', 'attempt_failed', 'asset_failed', 'asset_lost'];
/** An upload's note in the story is written at most this long before the attempt itself is. */
const SAME_MS = 10_000;
/** Shorter gaps say nothing. */
const GAP_MS = 1_000;

/** A value of an entry's data, if it is a text with something in it. */
export function textOf({ data }: Pick<TimelineEntry, 'data'>, name: string): string | null {
  const value = data[name];
  return typeof value === 'string' && value !== '' ? value : null;
}

export function numberOf({ data }: Pick<TimelineEntry, 'data'>, name: string): number | null {
  const value = data[name];
  return typeof value === 'number' ? value : null;
}

export function errorOf({ data }: Pick<TimelineEntry, 'data'>): JobError | null {
  return (data.error as JobError | null | undefined) ?? null;
}

/** What tells an entry from all others. */
export function keyOf({ kind, id }: Pick<TimelineEntry, 'kind' | 'id'>): string {
  return `${kind} ${id}`;
}

/** The page that was read now, and what is known of earlier ones: an entry never moves. */
export function joined(known: readonly TimelineEntry[], page: readonly TimelineEntry[]): TimelineEntry[] {
  const here = new Set(page.map(keyOf));
  const first = page[0]?.at;
  const earlier = known.filter((entry) => !here.has(keyOf(entry)) && (first === undefined || entry.at <= first));
  return [...earlier, ...page];
}

/** An attempt that failed and the story's note of it are one thing: the note's bytes go to the attempt. */
export function folded(entries: readonly TimelineEntry[]): TimelineEntry[] {
  const notes = new Map<TimelineEntry, TimelineEntry>();
  for (const upload of entries.filter(({ kind }) => kind === 'upload')) {
    const note = entries.find((entry) => !notes.has(entry) && isNoteOf(entry, upload));
    if (note !== undefined) notes.set(note, upload);
  }
  const merged = new Map(
    [...notes].map(([note, upload]) => [upload, { ...upload, data: { ...note.data, ...upload.data } }]),
  );
  return entries.filter((entry) => !notes.has(entry)).map((entry) => merged.get(entry) ?? entry);
}

function isNoteOf(entry: TimelineEntry, upload: TimelineEntry): boolean {
  if (entry.kind !== 'attempt_failed' && entry.kind !== 'waiting') return false;
  const ended = Date.parse(textOf(upload, 'ended_at') ?? upload.at);
  return entry.message === errorOf(upload)?.message && Math.abs(ended - Date.parse(entry.at)) < SAME_MS;
}

/** "3 min 5 s later"; null when it was at once, or for the first. */
export function gapWords(before: TimelineEntry | undefined, entry: TimelineEntry): string | null {
  const gap = before === undefined ? 0 : Date.parse(entry.at) - Date.parse(before.at);
  return gap < GAP_MS ? null : timelineWords.later(took(gap));
}

/** What an entry says; *files* are those of the video. */
export function lineOf(entry: TimelineEntry, files: readonly Pick<StoredAsset, 'id' | 'role'>[]): Line {
  if (entry.kind === 'delivery') return deliveryLine(entry);
  if (entry.kind === 'person') return personLine(entry);
  if (entry.kind === 'upload' || entry.kind === 'job') return workLine(entry, files);
  if (entry.kind === 'seen') return seenLine(entry);
  const word = (entry.state === null ? null : words.state[entry.state]) ?? timelineWords.kind(entry.kind);
  return { word: word ?? '', text: entry.message, notes: [], tone: storyTone(entry) };
}

function storyTone({ kind, state }: TimelineEntry): Tone {
  if (STOPS.includes(kind)) return 'stop';
  if (kind === 'ready') return 'good';
  if (kind === 'late' || kind === 'waiting') return 'lamp';
  return state === null ? 'quiet' : 'plain';
}

function seenLine(entry: TimelineEntry): Line {
  const text = timelineWords.browsers(numberOf(entry, 'browsers') ?? 0);
  return { word: timelineWords.kind('seen') ?? '', text, notes: [], tone: 'plain' };
}

function deliveryLine(entry: TimelineEntry): Line {
  const verified = timelineWords.verified[textOf(entry, 'source') ?? ''];
  const duplicate = entry.data.duplicate === true;
  const verdict = textOf(entry, 'verdict') ?? timelineWords.verdictPending;
  const notes = [verified ?? null, duplicate ? timelineWords.duplicate : verdict];
  return {
    word: timelineWords.kind('delivery') ?? '',
    text: textOf(entry, 'type') ?? entry.message,
    notes: notes.filter((note) => note !== null),
    tone: duplicate ? 'quiet' : 'plain',
  };
}

function personLine(entry: TimelineEntry): Line {
  const actor = textOf(entry, 'actor') ?? '';
  const who = textOf(entry, 'actor_name') ?? auditWords.actors[actor] ?? actor;
  const did = timelineWords.did(who, auditWords.action(textOf(entry, 'action') ?? ''));
  return { word: timelineWords.actor[actor.split(':', 1)[0] ?? ''] ?? '', text: did, notes: [], tone: 'plain' };
}

function workLine(entry: TimelineEntry, files: readonly Pick<StoredAsset, 'id' | 'role'>[]): Line {
  const file = files.find(({ id }) => id === entry.data.asset_id);
  const role = file === undefined ? timelineWords.file : words.role[file.role];
  const number = numberOf(entry, 'number');
  const kind = jobWords.kind(textOf(entry, 'job_kind') ?? '');
  const word = timelineWords.kind(entry.kind) ?? '';
  if (number === null) {
    const { note, tone } = queued(entry);
    const what = file === undefined ? kind : `${kind} (${role})`;
    return { word, text: timelineWords.queued(what), notes: [note], tone };
  }
  const outcome = textOf(entry, 'outcome') ?? '';
  const text = entry.kind === 'upload' ? timelineWords.upload(role, number) : timelineWords.attempt(kind, number);
  const said = timelineWords.outcome[outcome] ?? outcome;
  const why = errorOf(entry)?.message;
  return { word, text, notes: why === undefined ? [said] : [said, why], tone: outcomeTone(entry.kind, outcome) };
}

function queued(entry: TimelineEntry): { note: string; tone: Tone } {
  const state = textOf(entry, 'state') ?? '';
  if (textOf(entry, 'discarded_reason') !== null) return { note: timelineWords.discarded, tone: 'quiet' };
  return { note: timelineWords.state[state] ?? state, tone: state === 'dead' ? 'plain' : 'quiet' };
}

function outcomeTone(kind: string, outcome: string): Tone {
  if (outcome === 'retryable' || outcome === 'dead' || outcome === 'lost') return 'stop';
  if (outcome === 'postponed') return 'lamp';
  return kind === 'upload' ? 'good' : 'quiet';
}
