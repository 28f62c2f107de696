/** What the app says of jobs, dead letters and recovery; the rest of its words are in `words.ts`, which offers these as `words.jobs`. */

import type { JobView } from './jobs.ts';
import { number, plural, sentence, upperFirst } from './text.ts';
import { translated } from './translated.ts';
import type { Destination, JobAttempt, JobError, ReconcileKind } from './types.ts';

const KINDS: Record<string, string> = {
  apply_events: 'Apply events to their videos',
  request_video: 'Ask HeyGen for the video',
  confirm_video: 'Ask HeyGen how the video stands',
  archive_asset: 'Keep a file of the video',
  delete_stored: 'Delete a stored file',
  mail_link: 'Mail a link to a person',
  release_videos: 'Take the videos from an erased person',
  deliver_webhook: 'Send a webhook to one of your systems',
  send_deliveries: 'Queue webhooks to one of your systems',
  send_notification: 'Send a notification to a person',
  send_chat: 'Send a message to a chat',
  send_digest: 'Tell a person what happened in quiet hours',
  flag_late: 'Mark videos that take longer than usual',
  prune: 'Forget what was kept long enough',
  replay_events: 'Replay events',
  reconcile_videos: 'Ask HeyGen about videos whose webhook is missing',
  reconcile_history: 'Compare HeyGen’s history with the inbox',
  reconcile_stores: 'Compare the stores with the database',
  end_videos: 'End videos that nobody finishes',
  evaluate_rules: 'Look whether anything is wrong',
  count_hours: 'Count what happened by the hour',
  measure_stores: 'Ask the stores how full they are',
};
const DESTINATIONS: Record<string, string> = {
  heygen: 'HeyGen',
  'heygen renders': 'HeyGen’s rendering',
  cloudinary: 'Cloudinary',
  s3: 'S3',
  local: 'The local store',
};

export const jobWords = {
  title: 'Jobs',
  list: 'List of jobs',
  needPerson: (count: number) => plural(count, 'job needs a person', 'jobs need a person'),

  /** A kind that this page does not know yet is read out as it is written. */
  kind: (kind: string) => KINDS[kind] ?? upperFirst(kind.replaceAll('_', ' ')),
  kinds: Object.keys(KINDS),

  view: {
    // Never broken between the last two words, so that it stands on two lines of a narrow tab.
    dead: 'Needs a\u00a0person',
    retryable: 'Trying again',
    available: 'Waiting',
    running: 'Running',
    discarded: 'Discarded',
    done: 'Done',
  } satisfies Record<JobView | 'done', string>,

  attempts: (count: number) => plural(count, 'attempt', 'attempts'),
  nextTry: (when: string) => `next try ${when}`,
  begins: (when: string) => `begins ${when}`,
  itsVideo: 'Its video',
  goneVideo: 'Its video was deleted',
  noReason: 'No reason was given.',

  filter: {
    title: 'Filter',
    kind: 'Kind of work',
    code: 'Reason',
    any: 'Any',
    video: 'Only jobs of one video',
    clear: 'Show all',
  },

  empty: {
    dead: { title: 'Nothing needs you', body: 'Every job went well, or is still trying by itself.' },
    retryable: { title: 'Nothing is trying again', body: 'A job that failed and tries again by itself shows here.' },
    available: { title: 'Nothing waits', body: 'All work that was due has been taken up.' },
    running: { title: 'Nothing is running', body: 'Jobs are short: most are done before they can be seen here.' },
    discarded: { title: 'Nothing was discarded', body: 'A job that a person put away stays here, with the reason.' },
    filtered: { title: 'No job matches', body: 'Without this filter there may be some.' },
  } satisfies Record<JobView | 'filtered', { title: string; body: string }>,

  loading: 'Loading the jobs',
  error: 'The jobs could not be loaded',
  full: 'These are the newest. Choose a kind or a reason to see the others.',

  retry: 'Try again',
  retrying: 'Asking',
  retried: (kind: string) => `${kind}: it is tried again.`,
  refusedRetry: 'It could not be tried again.',
  fixed: {
    video: 'Trying this job again would change nothing. What can still be done is on its video’s page.',
    plain: 'Trying this job again would change nothing. Discard it once you have read it.',
    link: 'Open the video',
  },

  all: {
    button: 'Try all again',
    counting: 'Counting',
    title: (count: string) => `Try ${count} again?`,
    none: 'Nothing here can be tried again',
    count: (count: number, whole: boolean) =>
      whole ? plural(count, 'job', 'jobs') : `more than ${plural(count, 'job', 'jobs')}`,
    everything: 'These are all that need a person and can be tried again.',
    narrowed: 'These are all that need a person, can be tried again and match the filter:',
    fixed: (count: number) =>
      `${plural(count, 'other', 'others')} would gain nothing by another try and ${count === 1 ? 'stays' : 'stay'} here.`,
    confirm: (count: string) => `Try ${count} again`,
    done: (retried: number, skipped: number) =>
      `${plural(retried, 'job is', 'jobs are')} tried again.${skipped === 0 ? '' : ` ${plural(skipped, 'was', 'were')} left as ${skipped === 1 ? 'it is' : 'they are'}.`}`,
    refused: 'Nothing was tried again.',
    cancel: 'Cancel',
    close: 'Close',
  },

  discard: {
    button: 'Discard',
    title: 'Discard this job?',
    body: 'It will not be tried any more. It stays on the list of discarded jobs, with your reason.',
    unarchived: 'Its video stays without a permanent place.',
    reason: 'Why?',
    hint: 'For whoever asks later.',
    needed: 'A reason is needed.',
    tooLong: (most: number) => `A reason may have ${most} characters at most.`,
    confirm: 'Discard',
    busy: 'Discarding',
    cancel: 'Keep it',
    done: (kind: string) => `${kind}: discarded.`,
  },

  story: {
    close: 'Close',
    back: 'All jobs',
    loading: 'Loading the job',
    missing: 'There is no such job',
    missingBody: 'Jobs that are done are forgotten after a while.',
    error: 'This job could not be loaded',
    label: 'The chosen job',
    title: 'What happened',
    none: 'Nobody has tried it yet.',
    attempt: (number: number) => `Attempt ${number}`,
    attemptsFrom: (first: number, last: number) => `Attempts ${first} to ${last}`,
    alike: (count: number) => `${count} times the same`,
    took: (time: string) => `took ${time}`,
    discarded: 'Discarded',
    facts: 'Facts',
    deadline: 'Deadline',
    due: 'Due',
    created: 'Created',
    ended: 'Ended',
    code: 'Reason code',
    outside: 'Their own code',
    id: 'Job id',
    kind: 'Kind',
    payload: 'Payload',
  },
  outcome: {
    done: 'done',
    retryable: 'failed',
    dead: 'failed for good',
    postponed: 'put off',
  } satisfies Record<JobAttempt['outcome'], string>,

  recovery: {
    title: 'How recovery goes',
    loading: 'Reading how recovery goes',
    unknown: 'How many webhooks were missed is not known just now.',
    of: (missed: number, all: number) => `${number(missed)} of ${number(all)}`,
    missed: (days: number) => `webhooks missed in ${days === 1 ? 'the last day' : `the last ${days} days`}`,
    noneExpected: (days: number) =>
      `No webhook was expected in ${days === 1 ? 'the last day' : `the last ${days} days`}.`,
    lastCheck: (ago: string) => `Last check ${ago}`,
    never: 'Nothing was checked yet.',
    check: 'Check now',
    checking: 'Asking HeyGen',
    checkFailed: 'The check did not work.',
    nothing: 'Nothing was missing.',
    nothingAsked: 'There was nothing to ask.',
    found: (count: number) =>
      `${plural(count, 'thing was', 'things were')} missing and ${count === 1 ? 'was' : 'were'} put right.`,
    runFailed: (kind: ReconcileKind, error: JobError) =>
      `${upperFirst(RUNS[kind].name)} could not be checked: ${sentence(error.message)}`,
    runs: 'The checks so far',
    run: (kind: ReconcileKind) => upperFirst((RUNS[kind] ?? { name: kind }).name),
    asked: (kind: ReconcileKind, asked: number) => {
      const { one, many } = RUNS[kind] ?? { one: 'thing', many: 'things' };
      return `${plural(asked, one, many)} looked at`;
    },
    missing: (found: number) => (found === 0 ? 'nothing missing' : `${number(found)} missing`),
  },

  destination: {
    name: (name: string) =>
      DESTINATIONS[name] ?? (name.startsWith('webhook ') ? 'One of your webhook endpoints' : upperFirst(name)),
    open: (name: string) => `${jobWords.destination.name(name)} does not answer.`,
    half_open: (name: string) => `${jobWords.destination.name(name)} is being tried again.`,
    since: (ago: string) => `Since ${ago}`,
    nextTry: (when: string) => `next try ${when}`,
    waiting: (count: number, more: boolean) => `${more ? 'more than ' : ''}${plural(count, 'job waits', 'jobs wait')}`,
    calm: 'Nothing is lost: the work goes on by itself once it answers.',
  } satisfies Record<Exclude<Destination['state'], 'closed'>, unknown> & Record<string, unknown>,
};
translated('job', jobWords);

const RUNS: Record<ReconcileKind, { name: string; one: string; many: string }> = {
  videos: { name: 'open videos', one: 'video', many: 'videos' },
  history: { name: 'HeyGen’s history', one: 'event', many: 'events' },
  stores: { name: 'stored files', one: 'file', many: 'files' },
};
