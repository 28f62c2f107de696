/** Who is signed in. `undefined` until we asked, `null` when nobody is. */

import { api, asProblem } from './api.ts';
import type { Principal } from './types.ts';

class Session {
  principal = $state.raw<Principal | null | undefined>(undefined);

  /** Viewers may look; asking HeyGen or the stores again costs money, so that takes an operator. */
  get mayOperate(): boolean {
    return this.principal?.role === 'operator' || this.principal?.role === 'admin';
  }

  async load(): Promise<void> {
    try {
      this.principal = (await api.session()).principal;
    } catch (error) {
      const problem = asProblem(error);
      if (!problem.isUnauthorized) throw problem;
      this.principal = null;
    }
  }

  /** Whether to go on knocking: only a clear 401 says no. */
  async stillSignedIn(): Promise<boolean> {
    try {
      this.principal = (await api.session()).principal;
      return true;
    } catch (error) {
      return !asProblem(error).isUnauthorized;
    }
  }
}

export const session = new Session();
