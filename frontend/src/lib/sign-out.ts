/** Leaving: the session ends on the server, and this browser forgets whose it was. */

import { api } from './api.ts';
import { live, troubleOf } from './live.svelte.ts';

export async function signOut(): Promise<void> {
  try {
    await api.signOut();
    // Nothing of this person may be shown here any more; without a worker there is nothing to take back.
    void import('./push.ts').then(({ forgetThisBrowser }) => forgetThisBrowser()).catch(() => undefined);
    live.signedOut(false);
  } catch (error) {
    troubleOf(error);
  }
}
