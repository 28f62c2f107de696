/** Who is signed in. `undefined` until we asked, `null` when nobody is. */

import { api, asProblem } from './api.ts';
import type { Principal } from './types.ts';

type Ask = () => Promise<{ principal: Principal }>;

export class Session {
  #principal = $state.raw<Principal | null | undefined>(undefined);
  #changes = 0;

  constructor(private readonly ask: Ask) {}

  get principal(): Principal | null | undefined {
    return this.#principal;
  }

  /** Viewers may look; asking HeyGen or the stores again costs money, so that takes an operator. */
  get mayOperate(): boolean {
    return this.#principal?.role === 'operator' || this.#principal?.role === 'admin';
  }

  /** Whether what is signed in has this scope. */
  may(scope: string): boolean {
    return this.#principal?.scopes.includes(scope) ?? false;
  }

  /** Somebody signed in (or out: null). Answers to older questions no longer count. */
  become(principal: Principal | null): void {
    this.#changes += 1;
    this.#principal = principal;
  }

  /** Ask the server. A 401 is an answer; any other problem is thrown. */
  async load(): Promise<void> {
    const asked = ++this.#changes;
    const principal = await this.#whoIsIt();
    if (asked === this.#changes) this.#principal = principal;
  }

  /** Whether to go on knocking: no only when the server clearly says that nobody, or somebody else, is signed in. */
  async stillSignedIn(): Promise<boolean> {
    const known = this.#principal?.id;
    try {
      const now = await this.#whoIsIt();
      return now !== null && (known === undefined || now.id === known);
    } catch {
      return true;
    }
  }

  async #whoIsIt(): Promise<Principal | null> {
    try {
      return (await this.ask()).principal;
    } catch (error) {
      const problem = asProblem(error);
      if (problem.isUnauthorized) return null;
      throw problem;
    }
  }
}

export const session = new Session(api.session);
