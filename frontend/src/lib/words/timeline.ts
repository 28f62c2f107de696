/** What the app says of everything that happened to a video. */

import { plural } from '../text.ts';
import { translated } from '../translated.ts';

/** What kind of thing an entry is, before what it says. */
const KINDS: Record<string, string> = {
  delivery: 'Delivery',
  job: 'Queue',
  upload: 'Upload',
  seen: 'Seen',
  attempt_failed: 'Attempt failed',
  waiting: 'Waiting',
  late: 'Late',
  asset: 'File',
  asset_failed: 'File missing',
  asset_lost: 'File lost',
  retried: 'New video',
  missing: 'Not known',
  taken_up: 'Taken up',
};

export const timelineWords = {
  title: 'Timeline',
  show: 'What the timeline shows',
  shows: { everything: 'Everything', story: 'The story' },
  none: 'Nothing of it is kept any more.',
  earlier: 'Show earlier',
  loadingEarlier: 'Loading what was earlier',
  later: (time: string) => `${time} later`,

  /** A kind that this page does not know yet says itself in its message. */
  kind: (kind: string) => KINDS[kind] ?? null,
  upload: (role: string, number: number) => `${role}, attempt ${number}`,
  attempt: (kind: string, number: number) => `${kind}, attempt ${number}`,
  queued: (kind: string) => `${kind}: queued`,
  outcome: {
    done: 'done',
    retryable: 'failed',
    dead: 'failed for good',
    postponed: 'put off',
    lost: 'its process ended',
  } as Record<string, string>,
  state: {
    available: 'waiting to be picked up',
    running: 'picked up, running',
    retryable: 'waits for its next try',
    done: 'done',
    dead: 'needs a person',
  } as Record<string, string>,
  discarded: 'put aside',
  duplicate: 'duplicate',
  verdictPending: 'not applied yet',
  verified: {
    webhook: 'signature right',
    callback: 'unsigned, so only a hint',
    reconcile: 'HeyGen was asked',
  } as Record<string, string>,
  /** Who did something, by the first part of the actor's name. */
  actor: { person: 'Person', key: 'API key', local: 'Machine', settings: 'Settings', system: 'Reelhook' } as Record<
    string,
    string
  >,
  browsers: (count: number) => `in ${plural(count, 'browser', 'browsers')}`,
  did: (who: string, what: string) => `${who} ${what}`,
  file: 'A file',

  detail: {
    when: 'When',
    event: 'Delivery',
    verified: 'Verified',
    header: (name: string) => `signature right, in the header ${name}`,
    from: 'From',
    verdict: 'What it changed',
    applied: 'Applied',
    replays: 'Replayed',
    times: (count: number) => plural(count, 'time', 'times'),
    openEvent: 'Headers, body and verdict',
    job: 'Job',
    openJob: 'Its whole story',
    pickedUp: 'Picked up',
    ended: 'Ended',
    took: 'Took',
    reached: 'How far',
    reason: 'Reason',
    code: 'Code',
    outside: 'Their own code',
    next: 'Next try',
    due: 'Due',
    state: 'Now',
    attempts: 'Attempts',
    discarded: 'Discarded',
    finished: 'Finished',
    who: 'Who',
    target: 'What',
    said: 'With',
    browsers: 'Browsers',
    last: 'Last new one',
    cause: 'Because of',
    video: 'New video',
    openVideo: 'Open it',
    bytes: 'Size',
    store: 'Store',
    sha256: 'SHA-256',
  },
};
translated('timeline', timelineWords);
