/**
 * The one quiet region that tells a screen reader what the eye would see happen. Nothing else on the page speaks of what
 * comes by the stream, so that each thing is heard once.
 */

import type { Notification } from './api/notifications.ts';
import { sentence } from './text.ts';
import type { Change } from './videos.svelte.ts';
import { words } from './words.ts';

/** What came at the same moment is all heard; older lines are of no use. */
const MOST_LINES = 5;
const ENDS = ['ready', 'failed', 'unarchived'] as const;
type End = (typeof ENDS)[number];

const endOf = (name: string): End | undefined => ENDS.find((end) => end === name);

export class Announcer {
  lines = $state.raw<readonly { id: number; text: string }[]>([]);
  /** The end of its way that was told of a video, by its state or by a notification, whichever came first. */
  readonly #told = new Map<string, End>();
  #count = 0;

  /** Says that a video came to an end of its way; every other change is silent. */
  changed({ before, after }: Change): void {
    if (before === undefined || before.state === after.state) return;
    const end = endOf(after.state);
    if (end === undefined) this.#told.delete(after.id);
    else this.#once(after.id, end, words.announce[end](after.title ?? words.untitled));
  }

  /** Says what a toast shows, unless it is an end of a video that was told already. */
  notified({ kind, title, body, video_id }: Notification): void {
    const end = endOf(kind);
    const text = `${sentence(title)} ${body}`.trim();
    if (end === undefined || video_id === null) this.say(text);
    else this.#once(video_id, end, text);
  }

  say(text: string): void {
    this.#count += 1;
    this.lines = [...this.lines.slice(1 - MOST_LINES), { id: this.#count, text }];
  }

  #once(videoId: string, end: End, text: string): void {
    if (this.#told.get(videoId) === end) return;
    this.#told.set(videoId, end);
    this.say(text);
  }
}

export const announcer = new Announcer();
