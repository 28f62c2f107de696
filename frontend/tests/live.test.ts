import { expect, it, vi } from 'vitest';
import type { Notification } from '../src/lib/api/notifications.ts';
import type { StreamHandlers } from '../src/lib/stream.ts';
import { aVideo } from './videos.ts';

/** What the page hears, and the frames the browser will draw. */
async function listening() {
  const frames: (() => void)[] = [];
  let heard: StreamHandlers | undefined;
  vi.stubGlobal('requestAnimationFrame', (run: () => void) => frames.push(run));
  vi.stubGlobal('cancelAnimationFrame', () => undefined);
  vi.doMock('../src/lib/shared-stream.ts', () => ({
    SharedStream: class {
      constructor(handlers: StreamHandlers) {
        heard = handlers;
      }
    },
  }));
  const { live } = await import('../src/lib/live.svelte.ts');
  if (heard === undefined) throw new Error('nobody follows the stream');
  return { live, heard, frames };
}

it('tells of a notification after the changes that came before it in the same frame', async () => {
  const { live, heard, frames } = await listening();
  const told: string[] = [];
  live.onChange(({ after }) => told.push(after.state));
  live.onNotification(({ kind }) => told.push(`notification: ${kind}`));
  heard.onVideo(aVideo({ id: 'v', state: 'archiving' }), 2);
  heard.onVideo(aVideo({ id: 'v', state: 'ready' }), 3);
  heard.onNotification({ kind: 'ready' } as Notification, 4);
  expect(told).toEqual([]);
  frames[0]?.();
  expect(told).toEqual(['archiving', 'ready', 'notification: ready']);
});
