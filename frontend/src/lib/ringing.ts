/**
 * What a notification does beyond the page: it sounds, and it is shown by the browser when nobody looks. Each of them once:
 * one tab of a browser acts, and the server tells one device of a person that it is the first.
 */

import type { ToWorker } from '../worker/messages.ts';
import type { Notification } from './api/notifications.ts';
import type { Tone } from './tones.ts';

/** What a test replaces. */
export interface RingWorld {
  /** Run in one tab of this browser, if no other one does. */
  once(name: string, run: () => Promise<void>): Promise<void>;
  claim(id: string): Promise<boolean>;
  mayPlay(): boolean;
  play(tone: Tone): void;
  isVisible(): boolean;
  /** Does nothing where the browser may not show any. */
  tellWorker(message: ToWorker): void;
  device: string;
  setTimeout(run: () => void, ms: number): unknown;
}

/** What comes within this time sounds as one. */
export const GATHER_MS = 250;
const REMEMBERED = 200;
/** The gravest first: it is the one that is heard. */
const GRAVEST: readonly Tone[] = ['failed', 'attention', 'ready'];

export function toneOf(kind: Notification['kind']): Tone {
  if (kind === 'ready') return 'ready';
  return kind === 'failed' ? 'failed' : 'attention';
}

export class Ringing {
  readonly #heard = new Set<string>();
  #waiting: Notification[] = [];

  constructor(private readonly world: RingWorld) {}

  /** A notification came by the stream: perhaps again, perhaps seen elsewhere, perhaps in quiet hours. */
  heard(notification: Notification): void {
    const { id, quiet, seen_at, channels } = notification;
    if (this.#heard.has(id)) return;
    this.#remember(id);
    if (quiet || seen_at !== null) return;
    if (channels.includes('sound') && this.world.mayPlay()) this.#gather(notification);
    if (channels.includes('browser') && !this.world.isVisible()) void this.#show(notification);
  }

  #gather(notification: Notification): void {
    this.#waiting.push(notification);
    if (this.#waiting.length === 1) this.world.setTimeout(() => void this.#ring(), GATHER_MS);
  }

  async #ring(): Promise<void> {
    const mine = new Set<Tone>();
    const claimed = this.#waiting.splice(0).map(({ id, kind }) =>
      this.world.once(`sound.${id}`, async () => {
        if (await this.world.claim(id)) mine.add(toneOf(kind));
      }),
    );
    await Promise.all(claimed);
    const tone = GRAVEST.find((one) => mine.has(one));
    if (tone !== undefined) this.world.play(tone);
  }

  #show({ id, title, body, url, kind }: Notification): Promise<void> {
    return this.world.once(`browser.${id}`, async () => {
      this.world.tellWorker({ kind: 'show', said: { id, title, body, url, kind }, device: this.world.device });
    });
  }

  #remember(id: string): void {
    this.#heard.add(id);
    for (const oldest of this.#heard) {
      if (this.#heard.size <= REMEMBERED) break;
      this.#heard.delete(oldest);
    }
  }
}
