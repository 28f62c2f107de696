/** The words of two pages of the front door: senders, and event shapes. */

import type { Advice, DriftKind, Mode } from '../api/senders.ts';
import type { Standing } from '../senders.ts';
import { number, plural } from '../text.ts';
import { translated } from '../translated.ts';

export const senderWords = {
  error: 'The senders could not be read',
  loading: 'Loading the senders',
  mode: {
    off: 'Every address may post',
    observe: 'The allowlist is observed',
    enforce: 'The allowlist is enforced',
  } satisfies Record<Mode, string>,
  modeWhy: {
    off: 'The signature alone decides who is let in.',
    observe: 'Nobody is refused for an address. What the list does not name is let in and counted.',
    enforce: 'Whoever the list does not name is answered 403, whatever they send.',
  } satisfies Record<Mode, string>,
  advice: {
    wait: 'There is nothing to propose yet: a network counts once it has delivered twice.',
    trust_proxy:
      'Deliveries seem to come from your own network. Name your proxy in REELHOOK_TRUSTED_PROXIES, or every sender looks like it.',
    observe: 'To try a list without refusing anybody, observe it for a week.',
    observe_on: 'Go on observing. Enforce it after a week in which nothing came from outside.',
    enforce: 'Nothing came from outside for a week: REELHOOK_INGEST_ALLOW_MODE=enforce would have refused nothing.',
    add: 'It keeps out deliveries that are HeyGen’s. Add their networks, or observe first. HeyGen tries each of them again for a day.',
    nothing: 'Nobody who proved to be HeyGen was kept out in the last week.',
  } satisfies Record<Advice, string>,
  warning:
    'HeyGen publishes no addresses, and its own are ordinary ones of AWS: they may change on any day. The signature keeps strangers out; a list is a second lock.',
  allow: 'The list',
  proposal: 'A list that names what was seen',
  copy: 'Copy the setting',
  copyFor: 'REELHOOK_INGEST_ALLOW',
  networks: 'Networks that rightly signed deliveries came from',
  column: {
    network: 'Network',
    deliveries: 'Deliveries',
    first: 'First seen',
    last: 'Last seen',
    standing: 'Allowlist',
  },
  standing: {
    own: 'Your own network',
    covered: 'On the list',
    partly: 'Partly on the list',
    refused: 'Refused',
    outside: 'Outside',
    unlisted: 'Not on the list',
    proposed: 'Proposed',
    once: 'Seen once',
  } satisfies Record<Standing, string>,
  outside: (count: number, refused: number, since: string) =>
    refused > 0 ? `${number(refused)} refused of ${number(count)}, first ${since}` : `${number(count)}, first ${since}`,
  empty: {
    title: 'No delivery yet',
    body: 'Each network that a rightly signed delivery comes from is remembered here.',
  },
};
translated('sender', senderWords);

export const driftWords = {
  error: 'The event shapes could not be read',
  loading: 'Loading the event shapes',
  intro: 'Where HeyGen’s signed events differ from what is known of their type. Nothing is refused for it.',
  kind: {
    new_type: 'New type',
    new_field: 'New field',
    missing_field: 'Missing field',
  } satisfies Record<DriftKind, string>,
  newType: 'Stored and shown like any other; it moves no video.',
  events: (count: number) => plural(count, 'event', 'events'),
  first: (at: string) => `first ${at}`,
  last: (at: string) => `last ${at}`,
  lastEvent: 'Last event',
  video: 'Video of the last event',
  empty: {
    title: 'HeyGen’s events look as expected',
    body: 'A new type, a new field or a missing one would be counted here.',
  },
};
translated('drift', driftWords);
