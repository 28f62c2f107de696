/** A client in front of the fake server, and all that it told. */

import { onTestFinished, vi } from 'vitest';
import { createClient } from '../src/client.ts';
import type { Problem, Status, Token, Video } from '../src/types.ts';
import { BASE, FakeServer, ID } from './server.ts';

export const soon = (ms = 0) => vi.advanceTimersByTimeAsync(ms);

/** A world of its own, in which time stands still; it ends with the test. */
export function setUp() {
  vi.useFakeTimers();
  vi.spyOn(Math, 'random').mockReturnValue(0);
  const server = new FakeServer();
  const seen: Video[] = [];
  const problems: Problem[] = [];
  const statuses: Status[] = [];
  const tokens = { asked: 0, next: (name: string): Token => name };
  const client = createClient({
    url: `${BASE}/`,
    getToken: async () => {
      tokens.asked += 1;
      return tokens.next(`token-${tokens.asked}`);
    },
  });
  client.on('status', (status) => statuses.push(status));
  onTestFinished(() => {
    client.close();
    vi.useRealTimers();
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  });
  const states = () => seen.map(({ state }) => state);
  const follow = (ids: string | string[] = ID) =>
    client.subscribe(
      ids,
      (video) => seen.push(video),
      (problem) => problems.push(problem),
    );
  return { server, client, seen, problems, statuses, tokens, states, follow };
}
