/** What the app says of objectives. */

import type { Against, ObjectiveName } from '../api/objectives.ts';
import type { Standing } from '../objectives.ts';
import { number, plural } from '../text.ts';
import { translated } from '../translated.ts';

export const objectiveWords = {
  loading: 'Adding up what was kept',
  error: 'The objectives could not be read',
  intro: 'What Reelhook promises, and how far it kept it. A budget is what may go wrong before the promise is broken.',
  name: {
    acknowledged: 'Acknowledged',
    applied: 'Applied',
    archived: 'Archived before the link ends',
    shown: 'Shown',
    recovered: 'Recovered',
  } satisfies Record<ObjectiveName, string>,
  means: {
    acknowledged: 'Valid deliveries that were stored and answered with success.',
    applied: 'Webhooks that had changed their video five seconds after they came.',
    archived: 'Videos that were stored for good before HeyGen’s link to them ended.',
    shown: 'From the webhook until what it changed was written for live screens: 99 of 100 within a second.',
    recovered: 'Webhooks that never came, and that Reelhook found by asking HeyGen.',
  } satisfies Record<ObjectiveName, string>,
  target: (share: string) => `Target ${share}`,
  window: (days: number) => (days === 1 ? '24 hours' : `${days} days`),
  standing: { kept: 'Kept', missed: 'Not kept', nothing: 'Nothing yet' } satisfies Record<Standing, string>,
  none: '–',
  bad: (bad: number, total: number) =>
    bad === 0 ? `all of ${number(total)}` : `${number(bad)} of ${number(total)} not`,
  p99: (long: string) => `99 of 100 within ${long}`,
  budget: (left: string) => `${left} of the budget of 30 days left`,
  overspent: (times: string) => `The budget of 30 days is spent ${times} times over`,
  whole: 'There is no budget: each one counts.',
  against: 'What was not kept',
  reason: {
    database_unavailable: 'the database was away',
    service_limit: 'over the limit of the service',
    no_secret: 'no webhook secret was known',
    secret_changing: 'the secret was being changed',
    slow: 'slower than promised',
    not_applied: 'not applied',
    link_ended: 'the link ended first',
    gave_up_waiting: 'given up waiting',
  } satisfies Record<Against, string>,
  count: (count: number) => plural(count, 'time', 'times'),
};

translated('objective', objectiveWords);
