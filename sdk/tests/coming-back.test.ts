import { describe, expect, it } from 'vitest';
import { setUp, soon } from './scene.ts';
import { aVideo, ID } from './server.ts';

describe('coming back', () => {
  it('goes on behind the last id, be it in an event or alone', async () => {
    const { server, statuses, follow } = setUp();
    follow();
    await soon();
    await server.stream.updates(11, { state: 'archiving' });
    await server.stream.says(': still here\nid: 14\n\n');
    server.stream.breaks();
    await soon(600);
    expect(server.stream.query.get('last_event_id')).toBe('14');
    expect(server.reads).toHaveLength(1);
    expect(statuses).toEqual(['connecting', 'live', 'connecting', 'live']);
  });

  it('reads everything again when it knows no id to go on from', async () => {
    const { server, follow } = setUp();
    follow();
    await soon();
    server.stream.breaks();
    await soon(600);
    expect(server.stream.query.get('last_event_id')).toBeNull();
    expect(server.reads).toHaveLength(2);
  });

  it('takes frames apart that come in pieces', async () => {
    const { server, seen, follow } = setUp();
    follow();
    await soon();
    const frame = `id: 11\nevent: video.updated\ndata: ${JSON.stringify({ video: aVideo({ title: 'Grüße' }) })}\n\n`;
    const bytes = new TextEncoder().encode(frame);
    for (const byte of bytes) await server.stream.says(String.fromCharCode(byte).replace(/[^ -~\n]/, '?'));
    expect(seen.at(-1)?.title).toBe('Gr????e');
  });

  it('notices a stream that has died without a word', async () => {
    const { server, problems, follow } = setUp();
    follow();
    await soon();
    await soon(44_000);
    expect(server.streams).toHaveLength(1);
    await soon(2_000);
    expect(server.streams).toHaveLength(2);
    expect(problems.map(({ code }) => code)).toEqual(['network']);
  });

  it('reads everything anew on resync, even what the numbers call older', async () => {
    const { server, states, follow } = setUp();
    follow();
    await soon();
    await server.stream.updates(50, { state: 'archiving' });
    server.streamId = 7;
    server.videos.set(ID, aVideo({ state: 'rendered' }));
    await server.stream.sends('resync', { stream_id: 7 }, 7);
    await soon();
    await server.stream.updates(8, { state: 'archiving', title: 'After the restore' });
    expect(states()).toEqual(['rendering', 'archiving', 'rendered', 'archiving']);
  });

  it('does not come back when superseded, but asks, until it is told to', async () => {
    const { server, client, problems, follow } = setUp();
    follow();
    await soon();
    await server.stream.sends('superseded', { reason: 'too_many', message: 'A newer one took its place.' });
    await server.stream.ends();
    await soon(60_000);
    expect([server.streams.length, client.status]).toEqual([1, 'polling']);
    expect(problems).toMatchObject([{ code: 'superseded', retry: false }]);
    expect(server.reads.length).toBeGreaterThan(3);
    client.retry();
    await soon();
    expect([server.streams.length, client.status]).toEqual([2, 'live']);
  });

  it('waits longer and longer', async () => {
    const { server, problems, follow } = setUp();
    server.streaming = 'blocked';
    follow();
    await soon(500 + 1_000 + 2_000);
    const before = problems.length;
    await soon(3_900);
    expect(problems).toHaveLength(before);
    await soon(200);
    expect(problems).toHaveLength(before + 1);
  });
});
