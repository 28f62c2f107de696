/** The service worker, seen from a page. */

import type { ToPage, ToWorker } from '../worker/messages.ts';

/** Undefined where the browser has none, as on plain HTTP. */
const workers = typeof navigator === 'undefined' ? undefined : navigator.serviceWorker;

/** It waits until the page has loaded what it needs itself. */
export function registerWorker(): void {
  // Without one the app works as well, with a network and while it is open.
  workers?.register('/sw.js', { updateViaCache: 'none' }).catch(() => undefined);
}

export function registration(): Promise<ServiceWorkerRegistration | undefined> {
  return workers?.getRegistration() ?? Promise.resolve(undefined);
}

export async function tellWorker(message: ToWorker): Promise<void> {
  (await registration())?.active?.postMessage(message);
}

/** Returns how to stop. */
export function onWorkerMessage(heard: (message: ToPage) => void): () => void {
  const listeners = new AbortController();
  const listen = (event: MessageEvent<ToPage>) => heard(event.data);
  workers?.addEventListener('message', listen as EventListener, { signal: listeners.signal });
  return () => listeners.abort();
}
