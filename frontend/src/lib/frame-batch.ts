/** Gathers what comes within one frame and hands it over at once, so that the page is changed once for all of it. */

/** Pages that are not looked at draw no frames: there a timer stands in. */
const HIDDEN_MS = 100;

type Later = (run: () => void) => void;

export class FrameBatch {
  #waiting: (() => void)[] = [];

  constructor(private readonly later: Later = beforeNextFrame) {}

  add(work: () => void): void {
    if (this.#waiting.push(work) === 1) this.later(() => this.#run());
  }

  /** What waits is no longer wanted. */
  clear(): void {
    this.#waiting = [];
  }

  #run(): void {
    for (const work of this.#waiting.splice(0)) work();
  }
}

function beforeNextFrame(run: () => void): void {
  const once = () => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
    run();
  };
  const frame = requestAnimationFrame(once);
  const timer = setTimeout(once, HIDDEN_MS);
}
