/** Turns whatever was thrown into a `Problem`. */

import type { Problem } from './types.ts';

export const trouble = (code: string, message: string, retry = true): Problem => ({ code, message, retry });

/** An answer that is not 2xx (RFC 9457). Waiting mends a token that ended, a limit and a server that is away. */
export async function refusal(response: Response): Promise<Problem> {
  const { status } = response;
  const { code = `http_${status}`, detail = `The server answered ${status}.` } = await response
    .json()
    .catch(() => ({}));
  const retry = status === 401 || status === 429 || status >= 500;
  return { code, message: detail, status, retry };
}

/** `fetch` throws the same TypeError for no network, a blocked request and an origin that is not allowed. */
export function asTrouble(error: unknown): Problem {
  const { retry, message } = error as Problem;
  return retry === undefined ? trouble('network', `Reelhook cannot be reached: ${message}`) : (error as Problem);
}
