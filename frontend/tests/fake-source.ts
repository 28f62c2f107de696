/** As much of an EventSource as the stream uses, driven by the test. */
export class FakeSource {
  readonly #listeners = new Map<string, (event: MessageEvent) => void>();
  readyState = 0;
  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;

  constructor(readonly url: string) {}

  addEventListener(type: string, listener: (event: MessageEvent) => void) {
    this.#listeners.set(type, listener);
  }

  opens() {
    this.readyState = 1;
    this.onopen?.();
  }

  /** An ordinary break: the browser itself tries again. */
  breaks() {
    this.readyState = 0;
    this.onerror?.();
  }

  /** An HTTP error: the browser gives up. */
  isRefused() {
    this.readyState = 2;
    this.onerror?.();
  }

  sends(type: string, data: unknown, lastEventId = '') {
    this.#listeners.get(type)?.(new MessageEvent(type, { data: JSON.stringify(data), lastEventId }));
  }

  close() {
    this.readyState = 2;
  }
}
