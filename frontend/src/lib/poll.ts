/** Asks again and again while the page is looked at, and ever more rarely while asking fails. */

const LONGEST_MS = 60_000;
const SOON_MS = 1_000;

export interface PollWorld {
  setTimeout(run: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
  isVisible(): boolean;
  /** Calls back when the page comes into view or the network is back. Returns how to stop. */
  onReturn(run: () => void): () => void;
}

const browserWorld: PollWorld = {
  setTimeout: (run, ms) => setTimeout(run, ms),
  clearTimeout: (timer) => clearTimeout(timer as number | undefined),
  isVisible: () => document.visibilityState === 'visible',
  onReturn: (run) => {
    const listeners = new AbortController();
    document.addEventListener('visibilitychange', run, { signal: listeners.signal });
    window.addEventListener('online', run, { signal: listeners.signal });
    return () => listeners.abort();
  },
};

export class Poll {
  #timer: unknown;
  #failures = 0;
  #asking = false;
  #again = false;
  #stopped = true;

  /** `ask` never throws; it answers whether it went well. */
  constructor(
    private readonly ask: () => Promise<boolean>,
    private readonly everyMs: number,
    private readonly world: PollWorld = browserWorld,
  ) {}

  /** Ask at once, then on and on. Returns how to stop. */
  start(): () => void {
    this.#stopped = false;
    const stopListening = this.world.onReturn(() => this.#now());
    this.#now();
    return () => {
      this.#stopped = true;
      stopListening();
      this.world.clearTimeout(this.#timer);
    };
  }

  /** Something changed: ask within a second, once for many calls. */
  soon(): void {
    if (this.#asking) this.#again = true;
    else if (!this.#stopped) this.#later(SOON_MS);
  }

  #later(ms: number): void {
    this.world.clearTimeout(this.#timer);
    this.#timer = this.world.setTimeout(() => this.#now(), ms);
  }

  #now(): void {
    this.world.clearTimeout(this.#timer);
    if (!this.#stopped && !this.#asking && this.world.isVisible()) void this.#round();
  }

  async #round(): Promise<void> {
    this.#asking = true;
    this.#again = false;
    const well = await this.ask();
    this.#asking = false;
    this.#failures = well ? 0 : this.#failures + 1;
    if (!this.#stopped) this.#later(this.#again && well ? SOON_MS : this.#pause());
  }

  #pause(): number {
    return Math.min(LONGEST_MS, this.everyMs * 2 ** this.#failures);
  }
}
