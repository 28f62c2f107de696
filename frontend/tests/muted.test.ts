import { expect, it } from 'vitest';
import { MutedVideos, type MutingServer } from '../src/lib/muted.svelte.ts';

function serverWith(...ids: string[]): MutingServer & { muted: Set<string>; refuses: boolean } {
  const muted = new Set(ids);
  const server = {
    muted,
    refuses: false,
    read: async () => ({ muted_videos: [...muted] }),
    mute: async (id: string) => {
      if (server.refuses) throw new Error('no');
      muted.add(id);
    },
    unmute: async (id: string) => {
      muted.delete(id);
    },
  };
  return server;
}

it('does not know before it has asked, nor after somebody else came', async () => {
  const videos = new MutedVideos(serverWith('one'));
  expect(videos.has('one')).toBe(null);
  await videos.load();
  expect([videos.has('one'), videos.has('two')]).toEqual([true, false]);
  videos.forget();
  expect(videos.has('one')).toBe(null);
});

it('turns a video silent and back, here and at the server', async () => {
  const server = serverWith('one');
  const videos = new MutedVideos(server);
  await videos.load();
  await videos.turn('two', true);
  await videos.turn('one', false);
  expect([videos.has('one'), videos.has('two')]).toEqual([false, true]);
  expect([...server.muted]).toEqual(['two']);
});

it('leaves all as it was when the server refuses', async () => {
  const server = serverWith();
  const videos = new MutedVideos(server);
  await videos.load();
  server.refuses = true;
  await expect(videos.turn('one', true)).rejects.toThrow('no');
  expect(videos.has('one')).toBe(false);
});

it('is not misled by an answer that was on its way while something was turned', async () => {
  const server = serverWith();
  const videos = new MutedVideos(server);
  await videos.load();
  let answer: (ids: { muted_videos: string[] }) => void = () => undefined;
  server.read = () => new Promise((resolve) => (answer = resolve));
  const loading = videos.load();
  await videos.turn('one', true);
  answer({ muted_videos: [] });
  await loading;
  expect(videos.has('one')).toBe(true);
});
