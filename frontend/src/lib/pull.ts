/** Pulling the page down to read it anew: what a finger did, as a number. */

/** As far as the finger must go, in CSS pixels. */
export const FAR_PX = 96;
/** Less than this is a tap, or a finger that trembles. */
const STILL_PX = 12;

export class Pull {
  #from: { x: number; y: number } | null = null;
  #part = 0;

  /** A finger touched the page; `atTop` when the page, and whatever is under the finger, cannot scroll up. */
  begin(x: number, y: number, atTop: boolean): void {
    this.#from = atTop ? { x, y } : null;
    this.#part = 0;
  }

  /** How far it is pulled: 0 not at all, 1 far enough. */
  move(x: number, y: number): number {
    if (this.#from === null) return 0;
    const [across, down] = [Math.abs(x - this.#from.x), y - this.#from.y];
    // Who moves sideways or up means something else, until the finger is lifted.
    if (this.#part === 0 && Math.max(across, Math.abs(down)) > STILL_PX && down < 2 * across) this.#from = null;
    this.#part = this.#from === null || down <= STILL_PX ? 0 : Math.min(1, (down - STILL_PX) / (FAR_PX - STILL_PX));
    return this.#part;
  }

  /** Whether it was pulled far enough when the finger left. */
  end(): boolean {
    const far = this.#part === 1;
    this.cancel();
    return far;
  }

  cancel(): void {
    this.#from = null;
    this.#part = 0;
  }
}

/**
 * Whether this page has to see to it itself: on the home screen of an iPhone or iPad, where there is no button to reload
 * and no gesture. Elsewhere the browser has its own.
 */
export function needsPull(): boolean {
  return 'standalone' in navigator && navigator.standalone === true;
}

/** Whether `element`, or something around it, can still scroll up. */
export function scrollsUp(element: Element | null): boolean {
  for (let one = element; one !== null; one = one.parentElement) if (one.scrollTop > 0) return true;
  return false;
}
