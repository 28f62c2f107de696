/**
 * Shows how cards went where they are: measured before and after a change, and moved from the one to the other (FLIP).
 * Only what is on screen is measured and moved, so a board of a thousand cards costs no more than one screen of them.
 */

import { prefersReducedMotion } from 'svelte/motion';

const MS = 200;
const EASE = 'cubic-bezier(0.2, 0, 0, 1)';

type Attachment = (element: HTMLElement) => () => void;

interface Place {
  element: HTMLElement;
  rect: DOMRect;
}

export class Motion {
  readonly #attachments = new Map<string, Attachment>();
  readonly #elements = new Map<string, HTMLElement>();
  readonly #ids = new WeakMap<Element, string>();
  readonly #onScreen = new Set<string>();
  #before: Map<string, Place> | null = null;
  #added = new Set<string>();
  #observer: IntersectionObserver | null = null;

  /** An attachment for the element in which the card of this video stands: always the same, so that it is made once. */
  place(id: string): Attachment {
    const attachment = this.#attachments.get(id) ?? this.#attach(id);
    this.#attachments.set(id, attachment);
    return attachment;
  }

  #attach(id: string): Attachment {
    return (element) => {
      this.#observer ??= new IntersectionObserver((entries) => this.#seen(entries));
      this.#elements.set(id, element);
      this.#ids.set(element, id);
      this.#added.add(id);
      this.#observer.observe(element);
      return () => {
        this.#observer?.unobserve(element);
        // In another group the same video may have its place already.
        if (this.#elements.get(id) !== element) return;
        this.#elements.delete(id);
        this.#onScreen.delete(id);
      };
    };
  }

  /** The order is about to change. */
  measure(): void {
    this.#added.clear();
    this.#before = null;
    if (prefersReducedMotion.current) return;
    this.#before = new Map();
    for (const id of this.#onScreen) {
      const element = this.#elements.get(id);
      if (element !== undefined) this.#before.set(id, { element, rect: element.getBoundingClientRect() });
    }
  }

  /** The order has changed. */
  play(): void {
    const before = this.#before;
    this.#before = null;
    // A board that was empty is not a change to be explained.
    if (before === null || before.size === 0) return;
    const after = new Map([...this.#elements].filter(([id]) => before.has(id) || this.#added.has(id)));
    const rects = new Map([...after].map(([id, element]) => [id, element.getBoundingClientRect()] as const));
    for (const [id, { element, rect }] of before) {
      const now = rects.get(id);
      if (now === undefined) fadeAway(element, rect);
      else moveFrom(rect, now, after.get(id) ?? element);
    }
    for (const [id, element] of after) {
      if (!before.has(id) && isOnScreen(rects.get(id))) element.animate(APPEAR, { duration: MS, easing: EASE });
    }
  }

  stop(): void {
    this.#observer?.disconnect();
    this.#observer = null;
  }

  #seen(entries: IntersectionObserverEntry[]): void {
    for (const { target, isIntersecting } of entries) {
      const id = this.#ids.get(target);
      if (id === undefined || this.#elements.get(id) !== target) continue;
      if (isIntersecting) this.#onScreen.add(id);
      else this.#onScreen.delete(id);
    }
  }
}

const APPEAR = [{ opacity: 0, transform: 'scale(0.97)' }, {}];

function moveFrom(before: DOMRect, now: DOMRect, element: HTMLElement): void {
  const [x, y] = [before.left - now.left, before.top - now.top];
  if (Math.abs(x) < 1 && Math.abs(y) < 1) return;
  element.animate([{ transform: `translate(${x}px, ${y}px)` }, {}], { duration: MS, easing: EASE });
}

/** A picture of what has gone, where it was, for as long as it takes to see it go. */
function fadeAway(gone: HTMLElement, { left, top, width, height }: DOMRect): void {
  const ghost = document.createElement('div');
  ghost.append(...[...gone.childNodes].map((node) => node.cloneNode(true)));
  ghost.className = gone.className;
  ghost.inert = true;
  ghost.ariaHidden = 'true';
  Object.assign(ghost.style, {
    position: 'fixed',
    left: `${left}px`,
    top: `${top}px`,
    width: `${width}px`,
    height: `${height}px`,
    pointerEvents: 'none',
  });
  document.body.append(ghost);
  const fading = ghost.animate([{}, { opacity: 0, transform: 'scale(0.97)' }], { duration: MS, easing: EASE });
  fading.onfinish = fading.oncancel = () => ghost.remove();
}

function isOnScreen(rect: DOMRect | undefined): boolean {
  return rect !== undefined && rect.bottom > 0 && rect.top < innerHeight;
}
