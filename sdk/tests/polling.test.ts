import { describe, expect, it } from 'vitest';
import { setUp, soon } from './scene.ts';
import { aVideo, ID } from './server.ts';

describe('without a stream', () => {
  it('asks at once, and then less and less often while nothing happens', async () => {
    const { server, client, states, follow } = setUp();
    server.streaming = 'blocked';
    follow();
    await soon();
    expect([server.reads.length, client.status]).toEqual([1, 'polling']);
    await soon(60_000);
    expect(server.reads.length).toBeGreaterThan(4);
    expect(server.reads.length).toBeLessThan(9);
    server.streamId = 12;
    server.videos.set(ID, aVideo({ state: 'archiving' }));
    await soon(15_000);
    expect(states()).toEqual(['rendering', 'archiving']);
  });

  it('asks at once for a video that somebody follows later', async () => {
    const { server, seen, follow } = setUp();
    server.streaming = 'blocked';
    server.videos.set('other', aVideo({ id: 'other' }));
    follow();
    await soon(30_000);
    follow('other');
    await soon();
    expect(seen.at(-1)?.id).toBe('other');
  });

  it('stops asking for what is final', async () => {
    const { server, states, follow } = setUp();
    server.streaming = 'blocked';
    server.videos.set(ID, aVideo({ state: 'ready' }));
    follow();
    await soon(60_000);
    expect([states(), server.reads.length]).toEqual([['ready'], 1]);
  });

  it('asks while a proxy holds the stream back, and goes on with the stream when it comes through', async () => {
    const { server, client, states, follow } = setUp();
    server.streaming = 'silent';
    follow();
    await soon(2_900);
    expect(server.reads).toEqual([]);
    await soon(200);
    expect([states(), client.status]).toEqual([['rendering'], 'polling']);
    await server.stream.says(': welcome\n\n');
    await soon();
    const { length } = server.reads;
    await server.stream.updates(11, { state: 'archiving' });
    await soon(40_000);
    expect(states()).toEqual(['rendering', 'archiving']);
    expect(server.reads).toHaveLength(length);
  });

  it('asks less often while asking fails, and says so', async () => {
    const { server, problems, states, follow } = setUp();
    server.streaming = 'blocked';
    server.refusal = 503;
    follow();
    await soon(300_000);
    const refused = problems.filter(({ status }) => status === 503);
    expect(refused[0]).toMatchObject({ code: 'code_503', message: 'Refused.', retry: true, videoId: ID });
    expect(refused.length).toBeLessThan(10);
    server.refusal = undefined;
    await soon(60_000);
    expect(states()).toEqual(['rendering']);
  });
});
