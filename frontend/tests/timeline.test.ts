import { describe, expect, it } from 'vitest';
import { folded, gapWords, joined, keyOf, lineOf } from '../src/lib/timeline.ts';
import { detailsOf } from '../src/lib/timeline-details.ts';
import type { TimelineEntry } from '../src/lib/types.ts';

const START = Date.parse('2026-11-22T10:00:00.000Z');
const at = (seconds: number) => new Date(START + seconds * 1_000).toISOString();
const FILES = [{ id: 'file-1', role: 'video' as const }];

function entry(kind: string, seconds = 0, data: Record<string, unknown> = {}, message = `${kind} came`): TimelineEntry {
  return { id: `${kind}-${seconds}`, at: at(seconds), kind, state: null, message, data };
}

const error = { code: 'fetch_failed', message: 'the host answers 503' };
const upload = (seconds: number, outcome: string, more: Record<string, unknown> = {}) =>
  entry('upload', seconds, {
    job_kind: 'archive_asset',
    job_id: 'job-1',
    asset_id: 'file-1',
    number: 1,
    outcome,
    started_at: at(seconds - 3),
    ended_at: at(seconds),
    ...more,
  });
const state = (name: TimelineEntry['state'], seconds = 0): TimelineEntry => ({
  ...entry(String(name), seconds),
  state: name,
});

describe('gaps', () => {
  it.each([
    [0, null],
    [0.9, null],
    [4, '4.0 s later'],
    [185, '3 min 5 s later'],
    [7_200, '2 h 0 min later'],
  ])('after %d s says %s', (seconds, said) => expect(gapWords(entry('a'), entry('b', seconds))).toBe(said));
  it('says nothing before the first', () => expect(gapWords(undefined, entry('a', 60))).toBeNull());
});

describe('what an entry says', () => {
  it('names a state by its own word', () =>
    expect(lineOf(state('ready'), [])).toEqual({ word: 'Ready', text: 'ready came', notes: [], tone: 'good' }));

  it.each([
    [state('failed'), 'stop'],
    [state('unarchived'), 'stop'],
    [entry('attempt_failed'), 'stop'],
    [entry('asset_lost'), 'stop'],
    [upload(0, 'retryable', { error }), 'stop'],
    [upload(0, 'dead', { error }), 'stop'],
    [upload(0, 'lost'), 'stop'],
    [entry('job', 0, { job_kind: 'archive_asset', state: 'dead' }), 'plain'],
    [entry('job', 0, { job_kind: 'archive_asset', state: 'dead', discarded_reason: 'no' }), 'quiet'],
    [upload(0, 'postponed'), 'lamp'],
    [entry('waiting'), 'lamp'],
    [upload(0, 'done'), 'good'],
    [entry('job', 0, { number: 1, outcome: 'done' }), 'quiet'],
    [state('rendered'), 'plain'],
    [entry('asset'), 'quiet'],
  ])('is as loud as it must be: %#', (one, tone) => expect(lineOf(one, FILES).tone).toBe(tone));

  it('tells an upload by its file, attempt and reason', () =>
    expect(lineOf(upload(0, 'retryable', { error }), FILES)).toMatchObject({
      word: 'Upload',
      text: 'Video, attempt 1',
      notes: ['failed', 'the host answers 503'],
    }));

  it('tells a job by what it is for and how it stands', () => {
    const job = entry('job', 0, { job_kind: 'archive_asset', asset_id: 'file-1', state: 'retryable' });
    expect(lineOf(job, FILES)).toMatchObject({
      text: 'Keep a file of the video (Video): queued',
      notes: ['waits for its next try'],
    });
  });

  it('tells a delivery by how it was verified and what it changed, a duplicate by being one', () => {
    const first = { type: 'avatar_video.success', source: 'webhook', verdict: 'rendered', duplicate: false };
    expect(lineOf(entry('delivery', 0, first), []).notes).toEqual(['signature right', 'rendered']);
    const again = { ...first, duplicate: true };
    expect(lineOf(entry('delivery', 0, again), [])).toMatchObject({
      text: 'avatar_video.success',
      notes: ['signature right', 'duplicate'],
      tone: 'quiet',
    });
  });

  it('tells in how many browsers it was seen', () =>
    expect(lineOf(entry('seen', 0, { browsers: 2 }), [])).toMatchObject({ word: 'Seen', text: 'in 2 browsers' }));

  it('tells a person by name and deed', () => {
    const did = { actor: 'person:1', actor_name: 'olga@example.com', action: 'video.retry', target: 'v' };
    expect(lineOf(entry('person', 0, did), [])).toMatchObject({
      word: 'Person',
      text: 'olga@example.com tried the video again',
    });
    expect(lineOf(entry('person', 0, { ...did, actor: 'system', actor_name: null }), []).text).toBe(
      'Reelhook itself tried the video again',
    );
  });
});

describe('an attempt and the note of it', () => {
  const note = entry('attempt_failed', 9.5, { code: 'fetch_failed', bytes: 1_000, total: 4_000 }, error.message);

  it('are one entry, with how far it came', () => {
    const [one, ...others] = folded([note, upload(10, 'retryable', { error })]);
    expect(others).toEqual([]);
    expect(one?.kind).toBe('upload');
    const facts = detailsOf(one as TimelineEntry, () => true);
    expect(facts.find(({ name }) => name === 'How far')?.value).toBe('1.0 of 4 kB');
    expect(facts.find(({ href }) => href)?.href).toBe('/jobs/job-1');
  });

  it('stay two when they are not about the same', () => {
    expect(folded([note, upload(60, 'retryable', { error })])).toHaveLength(2);
    expect(folded([note, upload(10, 'done')])).toHaveLength(2);
    expect(folded([note])).toEqual([note]);
  });
});

describe('what stands behind an entry', () => {
  const ready = { ...state('rendered'), data: { cause: 'event 1', sha256: 'f'.repeat(64), bytes: 1_000 } };

  it('leads to the delivery that caused it, for those who may see it', () => {
    expect(detailsOf(ready, () => true).find(({ href }) => href)?.href).toBe('/front-door/deliveries/event%201');
    expect(detailsOf(ready, () => false).every(({ href }) => href === undefined)).toBe(true);
  });

  it('begins with the exact moment', () => expect(detailsOf(ready, () => true)[0]?.name).toBe('When'));
});

describe('pages', () => {
  it('are joined without doubling or losing what slid off the newest', () => {
    const known = [entry('a', 1), entry('b', 2), entry('c', 3)];
    const page = [entry('c', 3), entry('d', 4)];
    expect(joined(known, page).map(keyOf)).toEqual([...known, entry('d', 4)].map(keyOf));
    expect(joined(known, [])).toEqual(known);
    expect(joined([], page)).toEqual(page);
  });
});
