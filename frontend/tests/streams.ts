/** A stream of the page, with connections that the test plays, and all that it says. */

import { Stream, type StreamStatus } from '../src/lib/stream.ts';
import { FakeSource } from './fake-source.ts';
import { aVideo } from './videos.ts';

export function setUp({ mayReconnect = true } = {}) {
  const sources: FakeSource[] = [];
  const said: StreamStatus[] = [];
  const seen: unknown[] = [];
  const page = { online: true, visible: true, phone: false };
  const stream = new Stream(
    {
      url: (id) => `/stream?last_event_id=${id}`,
      onStatus: (status) => said.push(status),
      onVideo: (video, id) => {
        if (video.title === 'poison') throw new Error('a bug of ours');
        seen.push(['video', video.state, id]);
      },
      onProgress: (id, progress) => seen.push(['progress', id, progress]),
      onDeleted: (id, video) => seen.push(['deleted', video.id, id]),
      onNotification: (one, id) => seen.push(['notification', one.id, id]),
      onResync: (id) => seen.push(['resync', id]),
      mayReconnect: async () => mayReconnect,
    },
    {
      open: (url) => {
        const source = new FakeSource(url);
        sources.push(source);
        return source as unknown as EventSource;
      },
      now: () => Date.now(),
      random: () => 1,
      setTimeout: (run, ms) => setTimeout(run, ms),
      clearTimeout: (timer) => clearTimeout(timer as ReturnType<typeof setTimeout>),
      isOnline: () => page.online,
      isVisible: () => page.visible,
      isPhone: () => page.phone,
    },
  );
  const newest = () => sources.at(-1) as FakeSource;
  const hide = () => {
    page.visible = false;
    stream.visibility();
  };
  const show = () => {
    page.visible = true;
    stream.visibility();
  };
  return { stream, sources, said, seen, page, newest, hide, show };
}

export const update = (state: 'rendering' | 'ready' = 'ready') => ({ video: aVideo({ state }) });
