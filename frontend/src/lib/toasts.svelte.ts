/** Small notes about what just came: for a moment, never many, and waiting while somebody reads them. */

import type { Notification } from './api/notifications.ts';
import type { Route } from './router.svelte.ts';

export const TOAST_MS = 6_000;
export const MOST_TOASTS = 3;

/** Whether it is news on the page that is open. */
export function isWorthAToast({ channels, quiet, seen_at, video_id }: Notification, route: Route): boolean {
  if (!channels.includes('in_app') || quiet || seen_at !== null) return false;
  return !(route.page === 'video' && route.id === video_id);
}

export class Toasts {
  shown = $state.raw<Notification[]>([]);
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();
  readonly #had = new Set<string>();
  #held = false;

  /** Shows it, once. Whether it is new. */
  add(notification: Notification): boolean {
    if (this.#had.has(notification.id)) return false;
    this.#had.add(notification.id);
    for (const oldest of this.shown.slice(0, -(MOST_TOASTS - 1))) this.dismiss(oldest.id);
    this.shown = [...this.shown, notification];
    if (!this.#held) this.#start(notification.id);
    return true;
  }

  dismiss(id: string): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
    this.shown = this.shown.filter((one) => one.id !== id);
    if (this.shown.length === 0) this.#held = false;
  }

  /** Somebody reads them, or has the focus in them. */
  hold(): void {
    this.#held = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  release(): void {
    if (!this.#held) return;
    this.#held = false;
    for (const { id } of this.shown) this.#start(id);
  }

  #start(id: string): void {
    this.#timers.set(
      id,
      setTimeout(() => this.dismiss(id), TOAST_MS),
    );
  }
}
