import { expect, it } from 'vitest';
import { Announcer } from '../src/lib/announce.svelte.ts';
import type { Notification } from '../src/lib/api/notifications.ts';
import type { VideoState } from '../src/lib/types.ts';
import type { Change } from '../src/lib/videos.svelte.ts';
import { aVideo } from './videos.ts';

const heard = (announcer: Announcer) => announcer.lines.map(({ text }) => text);

function change(before: VideoState, after: VideoState): Change {
  const inState = (state: VideoState) => aVideo({ id: 'v', title: 'Tour', state });
  return { before: inState(before), beforeAsOf: null, after: inState(after) };
}

function notification(kind: string, more: Partial<Notification> = {}): Notification {
  const where = { url: '/videos/v', video_id: 'v', incident_id: null, created_at: '', seen_at: null };
  const how = { severity: 'info' as const, quiet: false, channels: ['in_app'] };
  return { id: kind, kind, title: `“Tour” is ${kind}`, body: 'It is stored.', ...where, ...how, ...more };
}

it('tells of a video and of its notification once, whichever comes first', () => {
  const [one, other] = [new Announcer(), new Announcer()];
  one.changed(change('archiving', 'ready'));
  one.notified(notification('ready'));
  expect(heard(one)).toEqual(['Tour is ready.']);
  other.notified(notification('ready'));
  other.changed(change('archiving', 'ready'));
  expect(heard(other)).toEqual(['“Tour” is ready. It is stored.']);
});

it('tells again what happened again', () => {
  const announcer = new Announcer();
  announcer.changed(change('archiving', 'unarchived'));
  announcer.changed(change('unarchived', 'archiving'));
  announcer.changed(change('archiving', 'unarchived'));
  announcer.notified(notification('unarchived'));
  expect(heard(announcer)).toHaveLength(2);
});

it('tells what only a notification says', () => {
  const announcer = new Announcer();
  announcer.changed(change('archiving', 'ready'));
  announcer.notified(notification('late', { video_id: 'other' }));
  announcer.notified(notification('incident', { video_id: null, title: 'A disk is nearly full', body: '' }));
  expect(heard(announcer).slice(1)).toEqual(['“Tour” is late. It is stored.', 'A disk is nearly full.']);
});

it('keeps what came together, and no more than that', () => {
  const announcer = new Announcer();
  for (let number = 1; number <= 7; number++) announcer.say(`${number}`);
  expect(heard(announcer)).toEqual(['3', '4', '5', '6', '7']);
});
