/** What the person was told: how many they have not seen, and the newest ones. Loaded after the page. */

import { type Notification, notificationApi } from './api/notifications.ts';
import { asProblem, type Problem } from './api.ts';
import { live } from './live.svelte.ts';
import { inOneTab } from './once.ts';
import { dropSomebodyElses } from './push.ts';
import { Ringing } from './ringing.ts';
import { router } from './router.svelte.ts';
import { browserId } from './seen.ts';
import { sound } from './sound.svelte.ts';
import { onWorkerMessage, tellWorker } from './worker.ts';

/** As many are kept at hand; the rest is a page of its own. */
const LATEST = 20;
const SOON_MS = 500;

class Notifications {
  unseen = $state(0);
  latest = $state.raw<Notification[]>([]);
  /** Why they could not be read, until they could. */
  problem = $state.raw<Problem | null>(null);
  #asOf = 0;
  #reading = 0;
  #soon: ReturnType<typeof setTimeout> | undefined;
  readonly #ringing = new Ringing({
    once: (name, run) => inOneTab(navigator.locks, name, run),
    claim: async (id) => (await notificationApi.claim(id, 'sound', this.#device).catch(() => ({ mine: false }))).mine,
    mayPlay: () => sound().state === 'ready',
    play: (tone) => sound().play(tone),
    isVisible: () => document.visibilityState === 'visible',
    tellWorker: (message) => void tellWorker(message),
    device: browserId(localStorage),
    setTimeout: (run, ms) => setTimeout(run, ms),
  });

  /** Follow what the signed-in person is told. Returns how to stop. */
  start(): () => void {
    const stops = [
      live.onNotification((notification, id) => this.heard(notification, id)),
      live.onReadAnew(() => void this.read()),
      onWorkerMessage((message) => {
        if (message.kind === 'open') router.go(message.url);
        else this.#readSoon();
      }),
    ];
    void this.read();
    // Asked again with the next page when it did not work.
    dropSomebodyElses().catch(() => undefined);
    return () => {
      for (const stop of stops) stop();
      this.#clear();
    };
  }

  heard(notification: Notification, id: number): void {
    this.#ringing.heard(notification);
    if (notification.seen_at !== null) void tellWorker({ kind: 'seen', ids: [notification.id] });
    // What was read is newer.
    if (id <= this.#asOf) return;
    const known = this.latest.find((one) => one.id === notification.id);
    if (known !== undefined) this.latest = this.latest.map((one) => (one === known ? notification : one));
    else if (notification.seen_at === null) this.latest = [notification, ...this.latest].slice(0, LATEST);
    if (notification.seen_at !== null) this.#readSoon();
    else if (known === undefined) this.#count(this.unseen + 1);
  }

  async read(): Promise<void> {
    clearTimeout(this.#soon);
    const asked = ++this.#reading;
    try {
      const page = await notificationApi.list(LATEST);
      if (asked !== this.#reading) return;
      this.latest = page.data;
      this.#asOf = page.stream_id;
      this.problem = null;
      this.#count(page.unseen);
      if (sound().isOn) sound().volume = (await notificationApi.volume()).volume;
    } catch (error) {
      if (asked === this.#reading) this.problem = asProblem(error);
    }
  }

  /** One was seen; all devices hear of it. */
  async seen(id: string): Promise<void> {
    await notificationApi.seen({ ids: [id] });
  }

  /** All that are there were seen. */
  async seenAll(): Promise<void> {
    const newest = this.latest[0];
    if (newest !== undefined) await notificationApi.seen({ up_to: newest.id });
  }

  get #device(): string {
    return browserId(localStorage);
  }

  /** Many are seen at once: ask once. */
  #readSoon(): void {
    clearTimeout(this.#soon);
    this.#soon = setTimeout(() => void this.read(), SOON_MS);
  }

  #count(unseen: number): void {
    this.unseen = unseen;
    const { setAppBadge } = navigator as Partial<Navigator>;
    if (setAppBadge !== undefined) navigator.setAppBadge(unseen).catch(() => undefined);
  }

  /** The next person has others. */
  #clear(): void {
    clearTimeout(this.#soon);
    this.#reading += 1;
    this.latest = [];
    this.problem = null;
    this.#asOf = 0;
    this.#count(0);
    void tellWorker({ kind: 'seen', ids: null });
  }
}

export const notifications = new Notifications();
