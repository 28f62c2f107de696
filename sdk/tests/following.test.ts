import { describe, expect, it } from 'vitest';
import { setUp, soon } from './scene.ts';
import { aVideo, ID } from './server.ts';

describe('following', () => {
  it('opens the stream first, and reads each video once behind it', async () => {
    const { server, client, statuses, states, follow } = setUp();
    follow();
    await soon();
    expect([server.stream.token, server.stream.query.get('last_event_id')]).toEqual(['token-1', null]);
    expect(server.reads).toEqual([`/api/v1/videos/${ID}`]);
    await server.stream.updates(11, { state: 'archiving' });
    expect(states()).toEqual(['rendering', 'archiving']);
    expect(statuses).toEqual(['connecting', 'live']);
    expect(client.get(ID)?.state).toBe('archiving');
  });

  it('shares one stream and one token among many subscriptions', async () => {
    const { server, seen, tokens, follow } = setUp();
    server.videos.set('other', aVideo({ id: 'other' }));
    follow();
    follow(['other', ID]);
    await soon();
    follow('other');
    await soon();
    expect([server.streams.length, tokens.asked, server.reads.length]).toEqual([1, 1, 2]);
    expect(seen.map(({ id }) => id).sort()).toEqual([ID, ID, 'other', 'other'].sort());
  });

  it('never goes back to what is older, and tells nothing twice', async () => {
    const { server, states, follow } = setUp();
    server.streamId = 20;
    server.videos.set(ID, aVideo({ state: 'archiving' }));
    follow();
    await soon();
    await server.stream.updates(15, { state: 'rendering' });
    await server.stream.updates(21, { state: 'archiving' });
    await server.stream.updates(21, { state: 'rendering' });
    expect(states()).toEqual(['archiving']);
  });

  it('counts bytes while archiving, and keeps them beside an answer that knows none', async () => {
    const { server, seen, follow } = setUp();
    follow();
    await soon();
    await server.stream.sends('video.progress', { video_id: ID, bytes: 5, total: 10 });
    expect(seen.at(-1)?.progress).toBeNull();
    await server.stream.updates(11, { state: 'archiving' });
    await server.stream.sends('video.progress', { video_id: ID, bytes: 5, total: 10 });
    await server.stream.updates(12, { state: 'archiving', title: 'Renamed' });
    expect(seen.at(-1)).toMatchObject({ title: 'Renamed', progress: { bytes: 5, total: 10 } });
    await server.stream.updates(13, { state: 'unarchived' });
    expect(seen.at(-1)?.progress).toBeNull();
  });

  it('reads a video that the stream calls ready, for its captions', async () => {
    const { server, seen, follow } = setUp();
    follow();
    await soon();
    server.videos.set(ID, aVideo({ state: 'ready' }));
    server.streamId = 11;
    await server.stream.updates(11, { state: 'ready' });
    await soon();
    expect(seen.at(-1)).toMatchObject({ state: 'ready', assets: [] });
    expect(server.reads).toHaveLength(2);
  });

  it('tells those who listen that a video was deleted, or never was', async () => {
    const { server, client, problems, follow } = setUp();
    follow([ID, 'none']);
    await soon();
    await server.stream.sends('video.updated', { video: { id: ID, deleted: true } }, 11);
    expect(problems.map(({ code, retry, videoId }) => [code, retry, videoId])).toEqual([
      ['code_404', false, 'none'],
      ['deleted', false, ID],
    ]);
    expect(client.get(ID)).toBeUndefined();
    await soon(600_000);
    expect(server.reads).toHaveLength(2);
  });

  it('closes the stream when nobody listens any more, but not between two mountings', async () => {
    const { server, client, follow } = setUp();
    const stop = follow();
    await soon();
    stop();
    const again = follow();
    await soon(1_000);
    expect(server.open()).toBe(1);
    again();
    await soon(1_000);
    expect([server.open(), client.status]).toEqual([0, 'idle']);
    follow();
    await soon();
    expect([server.open(), server.reads.length]).toEqual([1, 3]);
  });

  it('lets a listener throw without harm to the others', async () => {
    const { server, client, states, follow } = setUp();
    const thrown: unknown[] = [];
    const catchIt = (error: unknown) => thrown.push(error);
    process.on('uncaughtException', catchIt);
    client.subscribe(ID, () => {
      throw new Error('not ours');
    });
    follow();
    await soon();
    await server.stream.updates(11, { state: 'archiving' });
    process.off('uncaughtException', catchIt);
    expect(states()).toEqual(['rendering', 'archiving']);
    expect(server.open()).toBe(1);
  });
});
