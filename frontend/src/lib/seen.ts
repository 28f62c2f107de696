/** Tells the server once per browser that a ready video was really on screen: half of it, for a second, in a visible tab. */

import { api, asProblem } from './api.ts';

const BROWSER_KEY = 'reelhook.browser';
const SEEN_KEY = 'reelhook.seen';
/** As many videos as are remembered; the oldest are forgotten first, and their cards are long off the first page. */
export const REMEMBERED = 1_000;
const VISIBLE_MS = 1_000;

type Store = Pick<Storage, 'getItem' | 'setItem'>;

/** Which videos this browser has told about. */
export class SeenLedger {
  readonly #seen: Set<string>;

  constructor(private readonly store: Store) {
    this.#seen = new Set(read(store));
  }

  has(id: string): boolean {
    return this.#seen.has(id);
  }

  add(id: string): void {
    this.#seen.delete(id);
    this.#seen.add(id);
    for (const oldest of this.#seen) {
      if (this.#seen.size <= REMEMBERED) break;
      this.#seen.delete(oldest);
    }
    write(this.store, SEEN_KEY, JSON.stringify([...this.#seen]));
  }
}

function read(store: Store): string[] {
  try {
    const ids: unknown = JSON.parse(store.getItem(SEEN_KEY) ?? '[]');
    return Array.isArray(ids) ? ids.filter((id) => typeof id === 'string') : [];
  } catch {
    return [];
  }
}

function write(store: Store, key: string, value: string): void {
  try {
    store.setItem(key, value);
  } catch {
    // A full or forbidden storage only means that this is told again another day.
  }
}

/** This browser's random name: it says "the same browser again" and nothing about the person. */
export function browserId(store: Store, random: () => string = () => crypto.randomUUID()): string {
  let id: string | null = null;
  try {
    id = store.getItem(BROWSER_KEY);
  } catch {
    // Forbidden storage: one name for this visit.
  }
  if (id !== null && id !== '') return id;
  id = random();
  write(store, BROWSER_KEY, id);
  return id;
}

/** Collects what was seen and sends it one by one when the page has nothing better to do. */
export class SeenReporter {
  readonly #waiting = new Set<string>();
  #scheduled = false;

  constructor(
    private readonly ledger: SeenLedger,
    private readonly send: (id: string) => Promise<void>,
    private readonly whenIdle: (run: () => void) => void,
  ) {}

  isNews(id: string): boolean {
    return !this.ledger.has(id) && !this.#waiting.has(id);
  }

  saw(id: string): void {
    if (!this.isNews(id)) return;
    this.#waiting.add(id);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled || this.#waiting.size === 0) return;
    this.#scheduled = true;
    this.whenIdle(() => void this.#flush());
  }

  async #flush(): Promise<void> {
    for (const id of [...this.#waiting]) {
      try {
        await this.send(id);
        this.ledger.add(id);
      } catch (error) {
        // No answer: told again when the card is next seen. A refusal (deleted, not ours) will not change.
        if (!asProblem(error).isNetwork) this.ledger.add(id);
      }
      this.#waiting.delete(id);
    }
    this.#scheduled = false;
    this.#schedule();
  }
}

const idle = (run: () => void) =>
  typeof requestIdleCallback === 'function'
    ? void requestIdleCallback(run, { timeout: 5_000 })
    : void setTimeout(run, 500);

let reporter: SeenReporter | undefined;

function theReporter(): SeenReporter {
  const browser = browserId(localStorage);
  reporter ??= new SeenReporter(new SeenLedger(localStorage), (id) => api.seen(id, browser), idle);
  return reporter;
}

/** A Svelte attachment: watch this element and report the video once. */
export function seen(id: string) {
  return (element: Element): (() => void) | undefined => {
    const report = theReporter();
    if (!report.isNews(id)) return undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let onScreen = false;
    const judge = () => {
      clearTimeout(timer);
      if (onScreen && document.visibilityState === 'visible') timer = setTimeout(done, VISIBLE_MS);
    };
    const observer = new IntersectionObserver(
      ([entry]) => {
        onScreen = (entry?.intersectionRatio ?? 0) >= 0.5;
        judge();
      },
      { threshold: [0.5] },
    );
    const stop = () => {
      clearTimeout(timer);
      observer.disconnect();
      document.removeEventListener('visibilitychange', judge);
    };
    const done = () => {
      report.saw(id);
      stop();
    };
    observer.observe(element);
    document.addEventListener('visibilitychange', judge);
    return stop;
  };
}
