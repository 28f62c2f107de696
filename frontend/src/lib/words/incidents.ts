/** What the app says of incidents and rules. What a rule means and what helps is said by the server. */

import type { EntryKind, Rule, Severity, Unit } from '../api/incidents.ts';
import type { Silence } from '../incidents.ts';
import { plural } from '../text.ts';
import { translated } from '../translated.ts';

export const incidentWords = {
  needed: (count: number) => plural(count, 'thing is wrong', 'things are wrong'),
  loading: 'Looking what is wrong',
  error: 'The incidents could not be read',
  open: 'Open',
  over: 'What is over',
  older: 'Older',
  loadingOlder: 'Loading older ones',
  calm: {
    title: 'Nothing is wrong',
    body: 'The rules look at everything every half minute. What they find shows here, with what helps.',
  },
  severity: { warning: 'Warning', critical: 'Critical' } satisfies Record<Severity, string>,
  resolved: 'Over',
  drill: 'Drill',
  since: (ago: string) => `since ${ago}`,
  lasted: (long: string) => `lasted ${long}`,
  ended: (ago: string) => `over ${ago}`,
  acknowledgedBy: (name: string) => `seen: ${name}`,
  silencedUntil: (when: string) => `silenced, told again ${when}`,
  assignedTo: (name: string) => `${name} looks after it`,
  mine: 'you look after it',
  subject: 'About',

  back: 'All incidents',
  missing: 'There is no such incident',
  missingBody: 'It may have been kept long enough.',
  means: 'What it means',
  helps: 'What helps',
  runbook: 'The runbook',
  isDrill: 'This is a drill: its cause is made up. It ends by itself after ten minutes.',

  acts: 'What to do with it',
  acknowledge: 'I have seen it',
  take: 'I look after it',
  giveBack: 'Give it back',
  silence: 'Silence it',
  silenceFor: {
    hour: 'for an hour',
    hours: 'for four hours',
    morning: 'until tomorrow at nine',
    week: 'for a week',
  } satisfies Record<Silence, string>,
  endSilence: 'End the silence',
  assign: 'Who looks after it',
  nobody: 'Nobody',
  endDrill: 'End the drill',
  close: 'Close it',
  more: 'More',
  closeWhy: 'Only what its rule cannot tell the end of. All else is over by itself.',
  busy: 'Asking',

  story: 'What happened',
  entry: {
    opened: 'Opened',
    escalated: 'Got worse',
    resolved: 'Over',
    acknowledged: 'Seen',
    silenced: 'Silenced',
    unsilenced: 'Not silenced any more',
    assigned: 'Assigned',
    note: 'Note',
  } satisfies Record<EntryKind, string>,
  until: (when: string) => `until ${when}`,
  itself: 'Reelhook',
  note: 'Add a note',
  noteHint: 'What was found, and what was done.',
  noteNeeded: 'Write something first.',
  write: 'Add',
};
translated('incident', incidentWords);

export const ruleWords = {
  loading: 'Reading the rules',
  error: 'The rules could not be read',
  intro: 'Each rule reads one number. At its threshold it opens an incident, which is over by itself.',
  lookNow: 'Look now',
  looking: 'Looking',
  looked: (ago: string) => `Looked ${ago}`,
  never: 'Not looked yet',
  state: { calm: 'Calm', open: 'Wrong', off: 'Off' } satisfies Record<Rule['state'], string>,
  against: (value: string, threshold: string) => `${value}, speaks from ${threshold} on`,
  unknown: 'Not known just now.',
  nothing: 'Nothing of it was found.',
  incident: 'The incident',
  turnOff: 'Switch off',
  turnOn: 'Switch on',
  more: 'Threshold, meaning and drill',
  runbook: 'The runbook',
  back: 'All rules',
  noRunbook: 'There is no such rule',
  noRunbookBody: 'Each rule in the list has a runbook.',
  threshold: (unit: Unit) => {
    if (unit === 'percent') return 'Speaks from this percentage on';
    if (unit === 'seconds') return 'Speaks from so many seconds on';
    return unit === 'minutes' ? 'Speaks from so many minutes on' : 'Speaks from this number on';
  },
  thresholdHint: (usual: string) => `Its own is ${usual}.`,
  thresholdWrong: (unit: Unit) => (unit === 'percent' ? 'Give a number from 0 to 100.' : 'Give a number above 0.'),
  save: 'Save',
  usual: 'Its own again',
  drill: 'Try a drill',
  drillWhy: 'It goes off on a made-up cause, for ten minutes, marked as a drill.',
  busy: 'Asking',
};
translated('rule', ruleWords);
