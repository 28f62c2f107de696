/** One tab of a browser does it, although all of them hear the same: by a Web Lock that is taken or left. */

import type { Locks } from './lead.ts';

/** A tab that the browser slows down hears of it later than the others. */
const HOLD_MS = 1_000;

/** Run, unless another tab does or did a moment ago. Without locks every tab runs, and the server tells who is first. */
export async function inOneTab(locks: Locks | undefined, name: string, run: () => Promise<void>): Promise<void> {
  if (locks === undefined) return run();
  await new Promise<void>((done, failed) => {
    const taken = async (lock: Lock | null) => {
      if (lock === null) return done();
      await run().then(done, failed);
      await new Promise((resolve) => setTimeout(resolve, HOLD_MS));
    };
    locks.request(`reelhook.once.${name}`, { ifAvailable: true }, taken).catch(failed);
  });
}
