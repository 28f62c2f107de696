/** What the app says of errors. What they say themselves comes from the server. */

import type { ErrorShow } from '../errors.ts';
import { number } from '../text.ts';
import { translated } from '../translated.ts';

export const errorWords = {
  label: 'Which errors are shown',
  show: {
    open: 'Open',
    unexpected: 'Unexpected',
    attempts: 'Attempts',
    resolved: 'Resolved',
  } satisfies Record<ErrorShow, string>,
  list: 'Errors',
  loading: 'Loading what went wrong',
  error: 'What went wrong could not be read',
  older: 'Show older',
  full: 'These are the 200 that happened last. Resolve what is mended to see the others.',
  empty: {
    open: {
      title: 'Nothing went wrong',
      body: 'Every unexpected error and every failed attempt shows here once, with how often, and what it hit.',
    },
    unexpected: { title: 'Nothing unexpected', body: 'No error is open that nobody foresaw.' },
    attempts: { title: 'No attempt failed', body: 'No job had to be tried again, but for what is resolved.' },
    resolved: {
      title: 'Nothing is resolved',
      body: 'What somebody says is mended moves here, until it happens again.',
    },
  } satisfies Record<ErrorShow, { title: string; body: string }>,

  unexpected: 'Unexpected',
  attempt: 'Failed attempt',
  resolved: 'Resolved',
  times: (count: number) => (count === 1 ? 'once' : `${number(count)} times`),
  cameBack: (count: number) => (count === 1 ? 'came back' : `came back ${number(count)} times`),

  detail: {
    label: 'One error',
    close: 'Close',
    back: 'All errors',
    error: 'This error could not be read',
    missing: 'There is no such error',
    missingBody: 'It may have been quiet for so long that it is not kept any more.',
    resolve: 'It is mended',
    reopen: 'Open it again',
    busy: 'Asking',
    resolveWhy: 'If it happens again, it opens again by itself.',
    resolvedBy: (name: string, ago: string) => `${name} said ${ago} that it is mended.`,
    traceback: 'Where it happened',
    copy: 'Copy all of it',
    libraries: 'Show the lines of libraries too',
    oursAlone: 'Show the lines of Reelhook alone',
    hit: 'What it hit lately',
    event: 'Event',
    video: 'Video',
    job: 'Job',
    request: (id: string) => `Request ${id}`,
    place: 'Place',
    count: 'Happened',
    first: 'First',
    lastAt: 'Last',
    version: 'Version',
    id: 'Id',
  },
};
translated('error', errorWords);
