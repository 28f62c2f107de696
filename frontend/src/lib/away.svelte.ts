/** What came while the person looked elsewhere, said once, in whichever tab they come back to. */

import { type Notification, type NotificationKind, notificationApi } from './api/notifications.ts';
import { KINDS } from './api/preferences.ts';
import { notifyWords } from './words/notify.ts';

/** Who looks elsewhere for less was not away. */
export const AWAY_MS = 60_000;
const MOST = 100;

/** "3 ready, 1 failed"; null when there is nothing of which that can be said. */
export function summary(all: readonly Notification[]): string | null {
  const parts = KINDS.flatMap((kind: NotificationKind) => {
    const count = all.filter((one) => one.kind === kind).length;
    return count === 0 ? [] : [notifyWords.away.counted[kind](count)];
  });
  return parts.length === 0 ? null : parts.join(', ');
}

/** What a test replaces. */
export interface AwayWorld {
  store: Pick<Storage, 'getItem' | 'setItem'>;
  now(): number;
  isVisible(): boolean;
  unseen(): Promise<Notification[]>;
}

export class Away {
  /** What the banner says. */
  text = $state<string | null>(null);
  readonly #key: string;
  #hiddenAt: number | null = null;
  #looked: Promise<void> = Promise.resolve();
  #before = new Set<string>();

  constructor(
    person: string,
    private readonly world: AwayWorld = theBrowser(),
  ) {
    this.#key = `reelhook.told.${person}`;
  }

  /** The page came, or was looked at again. */
  look(): Promise<void> {
    this.#looked = this.#look();
    return this.#looked;
  }

  async #look(): Promise<void> {
    // Without an answer nothing is said; the bell will say it.
    const unseen = await this.world.unseen().catch(() => []);
    this.#before = new Set(unseen.map(({ id }) => id));
    const fresh = unseen.filter(({ id }) => id > this.#mark);
    const text = summary(fresh);
    for (const { id } of fresh) this.noticed(id);
    if (text !== null) this.text = text;
  }

  visibilityChanged(): void {
    if (!this.world.isVisible()) {
      this.#hiddenAt = this.world.now();
      return;
    }
    const hiddenAt = this.#hiddenAt;
    this.#hiddenAt = null;
    if (hiddenAt === null || this.world.now() - hiddenAt <= AWAY_MS) return;
    void this.look();
  }

  /** Whether it came after the page did: after a pause the stream brings first what the banner says already. */
  async isNews(id: string): Promise<boolean> {
    await this.#looked;
    return !this.#before.has(id);
  }

  /** It was on a page that is looked at: no banner of any tab says it again. */
  noticed(id: string): void {
    if (id > this.#mark) write(this.world.store, this.#key, id);
  }

  dismiss(): void {
    this.text = null;
  }

  /** Ids grow with time. */
  get #mark(): string {
    try {
      return this.world.store.getItem(this.#key) ?? '';
    } catch {
      return '';
    }
  }
}

function write(store: AwayWorld['store'], key: string, value: string): void {
  try {
    store.setItem(key, value);
  } catch {
    // Forbidden storage: each tab says it once more.
  }
}

function theBrowser(): AwayWorld {
  return {
    store: localStorage,
    now: () => Date.now(),
    isVisible: () => document.visibilityState === 'visible',
    unseen: async () => (await notificationApi.list(MOST, true)).data,
  };
}
