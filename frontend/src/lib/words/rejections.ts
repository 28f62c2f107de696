/** The words of the rejections page. What each reason means comes from the server. */

import { number, plural } from '../text.ts';
import { translated } from '../translated.ts';

export const rejectionWords = {
  window: {
    label: 'Counted over',
    day: '24 hours',
    week: '7 days',
  },
  counts: {
    title: 'Refused, by reason',
    none: { day: 'Nothing was refused in the last 24 hours.', week: 'Nothing was refused in the last 7 days.' },
    kept: (kept: number) => `${number(kept)} kept`,
    /** For those who do not see the bars. */
    summary: (title: string, refused: number, most: number) =>
      `${title}: ${plural(refused, 'refusal', 'refusals')}, at most ${number(most)} in one bar`,
    more: (count: number) => `Show ${plural(count, 'more reason', 'more reasons')}`,
  },
  list: {
    title: 'Refused requests',
    sampled: 'In a flood only some of them are kept. The numbers above count all.',
    loading: 'Loading what was refused',
    error: 'What was refused could not be loaded',
    older: 'Show older',
    full: 'These are the newest 200. Narrow the list by a reason or an address to see older ones.',
    clear: 'Show all',
    narrowed: 'Narrowed to:',
  },
  door: (endpoint: string) => ({ heygen: 'webhook', callback: 'callback address' })[endpoint] ?? endpoint,
  empty: {
    all: {
      title: 'Nobody was turned away',
      body: 'Every request that is refused at the front door shows here, with the reason and what to do about it.',
    },
    narrowed: { title: 'Nothing matches', body: 'No kept request was refused for this reason or from this address.' },
  },
  detail: {
    label: 'One refused request',
    loading: 'Loading the request',
    error: 'This request could not be loaded',
    missing: 'There is no such request',
    missingBody: 'It may be older than what is kept, or the address is not quite right.',
    close: 'Close',
    back: 'All refused requests',
    advice: 'What to do',
    answered: 'Answered',
    at: 'At',
    remote: 'Address',
    door: 'Door',
    reason: 'Reason',
    id: 'Id',
    cut: (kept: string, whole: string) => `The first ${kept} of ${whole} were kept.`,
    headers: 'Headers',
    check: 'Check this signature again',
  },
  check: {
    open: 'Check a signature',
    title: 'Check a signature',
    intro: 'Paste a request and see whether it would be let in, and why not. Nothing of it is kept.',
    body: 'Body',
    bodyHint: 'Byte for byte: one space more is another signature.',
    base64: 'The body is given in base64',
    base64Hint: 'For bodies with Windows line ends, or with bytes that are no text.',
    header: 'Header',
    value: 'Value of the header',
    more: 'More headers',
    moreHint: 'One to a line, as Name: value. Times and ids matter to other ways of signing.',
    secret: 'Secret (optional)',
    secretHint: 'Left empty, every secret that is known here is tried.',
    submit: 'Check',
    busy: 'Checking',
    noHeader: 'The name of a header is needed.',
    badHeader: (line: string) => `This line is no header: ${line}`,
    badBase64: 'This is not base64.',
    result: 'Result',
    retired: ', retired',
    given: 'The secret you gave',
    secretName: 'Secret',
    headerName: 'Header',
    tried: 'Tried',
    triedCount: (secrets: number, bytes: string) => `${plural(secrets, 'secret', 'secrets')} over ${bytes}`,
    filledCut: 'Only the beginning of this body was kept, so its signature cannot come out right here.',
  },
};
translated('rejection', rejectionWords);
