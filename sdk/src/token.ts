/** Keeps one good token, and gets the next before it ends. */

import { trouble } from './problem.ts';
import type { Options } from './types.ts';

const EARLY = 60_000;
/** A clock that is wrong must not make us ask without end. */
const RARELY = 5_000;

export interface Tokens {
  /** The token; callers at the same time share one question. Throws a problem with the code `token`. */
  get(): Promise<string>;
  /** The last one that came, perhaps ended by now. */
  readonly current: string;
  /** It is good no longer: the next `get` asks for another. A later token than `bad` stays. */
  forget(bad: string): void;
  /** Renew no more; the next `get` asks for another, and begins again. */
  stop(): void;
}

/** `renewed`: another token is there while the one before is still good. */
export function keepToken(getToken: Options['getToken'], renewed: () => void): Tokens {
  let current = '';
  let asked: Promise<string> | undefined;
  let timer: ReturnType<typeof setTimeout>;

  const plan = (ms: number) => {
    clearTimeout(timer);
    timer = setTimeout(renew, ms);
  };
  const ask = async () => {
    try {
      const answer = await getToken();
      const { token, expires_at = '' } = typeof answer === 'string' ? { token: answer } : answer;
      const left = Date.parse(expires_at) - Date.now();
      clearTimeout(timer);
      if (left > 0) plan(Math.max(left * 0.8, left - EARLY, RARELY));
      current = token;
      return token;
    } catch (error) {
      throw trouble('token', `No token: ${(error as Error).message}`);
    }
  };
  const renew = () =>
    ask().then(
      (token) => {
        asked = Promise.resolve(token);
        renewed();
      },
      () => plan(RARELY),
    );

  return {
    get() {
      asked ??= ask().catch((error) => {
        asked = undefined;
        throw error;
      });
      return asked;
    },
    get current() {
      return current;
    },
    forget(bad) {
      if (bad === current) asked = undefined;
    },
    stop() {
      asked = undefined;
      clearTimeout(timer);
    },
  };
}
