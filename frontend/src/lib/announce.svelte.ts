/** The one quiet region that tells a screen reader what the eye would see happen. */

import type { Change } from './videos.svelte.ts';
import { words } from './words.ts';

class Announcer {
  text = $state('');

  /** Says that a video came to an end of its way; every other change is silent. */
  changed({ before, after }: Change): void {
    if (before === undefined || before.state === after.state) return;
    const { state } = after;
    if (state === 'ready' || state === 'failed' || state === 'unarchived') {
      this.text = words.announce[state](after.title ?? words.untitled);
    }
  }

  say(text: string): void {
    this.text = text;
  }
}

export const announcer = new Announcer();
