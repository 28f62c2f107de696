/** Sees to it that the tab which leads is well: asks it while this tab is looked at, and has it replaced when it is not. */

export interface WatchWorld {
  now(): number;
  setTimeout(run: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
  isVisible(): boolean;
}

/** A leader that says nothing for this long is replaced. */
export const ANSWER_MS = 2_000;
/** How often a tab that is looked at asks. */
export const LOOK_MS = 5_000;

export class LeaderWatch {
  /** Hidden pages are slowed down by the browser, and frozen on phones. */
  leaderIsHidden = false;
  #isAsking = false;
  #timer: unknown;

  constructor(
    private readonly world: WatchWorld,
    private readonly send: () => void,
    private readonly replace: () => void,
  ) {}

  get isAsking(): boolean {
    return this.#isAsking;
  }

  ask(): void {
    this.send();
    this.#isAsking = true;
    const askedAt = this.world.now();
    this.#later(() => this.#unanswered(askedAt), ANSWER_MS);
  }

  /** The leader gave a sign of life. */
  heard(): void {
    this.rest();
    if (this.world.isVisible()) this.#later(() => this.#look(), LOOK_MS);
  }

  rest(): void {
    this.world.clearTimeout(this.#timer);
    this.#isAsking = false;
  }

  #unanswered(askedAt: number): void {
    this.#isAsking = false;
    if (!this.world.isVisible()) return;
    // A late timer means that this tab itself stood still, and the answer may be waiting behind it.
    if (this.world.now() - askedAt > 2 * ANSWER_MS) this.ask();
    else this.replace();
  }

  #look(): void {
    if (!this.world.isVisible()) return;
    if (this.leaderIsHidden) this.replace();
    else this.ask();
  }

  #later(run: () => void, ms: number): void {
    this.world.clearTimeout(this.#timer);
    this.#timer = this.world.setTimeout(run, ms);
  }
}
