/** Somebody touched a notification: the app shows what it was about. */

import type { ToPage } from './messages.ts';

interface Page {
  focused: boolean;
  focus(): Promise<unknown>;
  postMessage(message: ToPage): void;
}

/** What a test replaces. */
export interface OpenWorld {
  origin: string;
  /** The app's pages in this browser, the last one looked at first. */
  pages(): Promise<readonly Page[]>;
  openWindow(address: string): Promise<unknown>;
}

/** In the page that is looked at, or was last; else in a new one. */
export async function open(url: string, world: OpenWorld): Promise<void> {
  const address = new URL(url, world.origin);
  if (address.origin !== world.origin) return;
  const all = await world.pages();
  const page = all.find(({ focused }) => focused) ?? all[0];
  if (page === undefined) {
    await world.openWindow(address.href);
    return;
  }
  page.postMessage({ kind: 'open', url });
  await page.focus();
}
