/** The link below a letter. Whoever has it may end such letters, without signing in. */

import { Problem } from '../api.ts';

const TIMEOUT_MS = 20_000;

/** End the letters. Raises a Problem: 404 for a link that is not complete, `network` without an answer. */
export async function unsubscribe(token: string): Promise<void> {
  const response = await fetch(`/unsubscribe/${encodeURIComponent(token)}`, {
    method: 'POST',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch(() => {
    throw new Problem(0, 'network', 'The server cannot be reached');
  });
  if (!response.ok) {
    throw new Problem(response.status, `http_${response.status}`, `The server answered ${response.status}`);
  }
}
