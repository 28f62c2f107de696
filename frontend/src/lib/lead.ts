/** Who leads among the tabs of one browser: a Web Lock. The browser frees it when its holder is closed or crashes. */

export type Locks = Pick<LockManager, 'request'>;

export interface LeadHandlers {
  /** This tab leads; also where the browser refuses locks, for then each tab is on its own. */
  onGained(): void;
  /** Another tab took the lead away. */
  onLost(): void;
}

export class Lead {
  #request = 0;
  #end: () => void = () => undefined;

  constructor(
    private readonly locks: Locks,
    private readonly name: string,
    private readonly handlers: LeadHandlers,
  ) {}

  /** Lead when nobody else does any more. */
  wait(): void {
    const waiting = new AbortController();
    this.#ask({ signal: waiting.signal }, () => waiting.abort());
  }

  /** Lead now: whoever holds the lead does not answer, or the person asked for it here. */
  steal(): void {
    this.#ask({ steal: true });
  }

  /** Give the lead up, or stop waiting for it. */
  leave(): void {
    this.#request += 1;
    this.#end();
  }

  #ask(options: LockOptions, stopWaiting: () => void = () => undefined): void {
    this.leave();
    const request = this.#request;
    let gained = false;
    const held = new Promise<void>((resolve) => {
      this.#end = () => {
        stopWaiting();
        resolve();
      };
    });
    const gain = () => {
      if (request !== this.#request) return undefined;
      gained = true;
      this.handlers.onGained();
      return held;
    };
    this.locks.request(this.name, options, gain).catch(() => {
      if (request !== this.#request) return;
      if (gained) this.handlers.onLost();
      else this.handlers.onGained();
    });
  }
}
