/** What the tabs of one browser say to each other. */

import type { ChainedUpdate } from './recent-updates.ts';
import type { StreamStatus } from './stream.ts';
import type { Progress } from './types.ts';

export type TabMessage =
  | ({ kind: 'update' } & ChainedUpdate)
  | { kind: 'progress'; videoId: string; progress: Progress }
  /** Updates were lost to the leader itself. */
  | { kind: 'resync'; id: number }
  /** How the leader is: sent whenever that changes, and behind the updates that `to` asked for. */
  | { kind: 'leader'; to: string | null; status: StreamStatus; lastId: number; since: number; visible: boolean }
  /** To the leader: what came behind `after`? Also the way to see whether it still answers. */
  | { kind: 'ask'; from: string; after: number }
  /** The person signed out in one tab. */
  | { kind: 'left' };

export type Channel = Pick<BroadcastChannel, 'close' | 'onmessage'> & { postMessage(message: TabMessage): void };

/** Tabs of one build of the page and one person share a channel; a change of the messages needs another number. */
export function channelName(owner: string): string {
  return `reelhook.stream.2.${owner}`;
}
