import { describe, expect, it } from 'vitest';
import { setUp, soon } from './scene.ts';
import { BASE } from './server.ts';

describe('tokens', () => {
  const until = (seconds: number) => (token: string) => ({
    token,
    expires_at: new Date(Date.now() + seconds * 1_000).toISOString(),
  });

  it('renews before the end, and keeps the old stream until the new one speaks', async () => {
    const { server, statuses, tokens, states, follow } = setUp();
    tokens.next = until(600);
    follow();
    await soon();
    const [first] = server.streams;
    await first?.updates(11, { state: 'rendered' });
    server.streaming = 'silent';
    const beats = setInterval(() => first?.isOpen && first.says(': still here\n\n'), 20_000);
    await soon(541_000);
    expect([tokens.asked, server.streams.length, server.open()]).toEqual([2, 2, 2]);
    expect([server.stream.token, server.stream.query.get('last_event_id')]).toEqual(['token-2', '11']);
    await first?.updates(12, { state: 'archiving' });
    await server.stream.says(': welcome\n\n');
    await server.stream.updates(12, { state: 'archiving' });
    await server.stream.updates(13, { state: 'unarchived' });
    clearInterval(beats);
    expect([first?.isOpen, server.open()]).toEqual([false, 1]);
    expect(states()).toEqual(['rendering', 'rendered', 'archiving', 'unarchived']);
    expect(statuses).toEqual(['connecting', 'live']);
  });

  it('is not driven to ask without end by a clock that is wrong', async () => {
    const { tokens, follow } = setUp();
    tokens.next = until(0.1);
    follow();
    await soon(20_000);
    expect(tokens.asked).toBeLessThan(6);
  });

  it('goes on with the old one while no other can be had', async () => {
    const { server, client, tokens, follow } = setUp();
    tokens.next = until(600);
    follow();
    await soon();
    tokens.next = () => {
      throw new Error('the backend is away');
    };
    const beats = setInterval(() => server.stream.says(': still here\n\n'), 20_000);
    await soon(550_000);
    expect([client.status, server.open()]).toEqual(['live', 1]);
    tokens.next = until(600);
    await soon(5_000);
    clearInterval(beats);
    expect(server.stream.token).not.toBe('token-1');
  });

  it('takes another when the server says that this one has ended', async () => {
    const { server, problems, tokens, follow } = setUp();
    follow();
    await soon();
    await server.stream.sends('bye', { reason: 'token_expired', message: '', renew: '/api/v1/stream-tokens' });
    server.ended.add('token-1');
    await server.stream.ends();
    await soon(600);
    expect([server.stream.token, tokens.asked]).toEqual(['token-2', 2]);
    expect(problems).toEqual([]);
  });

  it('takes another when one is refused', async () => {
    const { server, client, problems, states, follow } = setUp();
    server.ended.add('token-1');
    follow();
    await soon(4_000);
    expect([states(), client.status]).toEqual([['rendering'], 'live']);
    expect(problems[0]).toMatchObject({ status: 401, retry: true });
  });

  it('says when none can be had, and tries again', async () => {
    const { problems, tokens, states, follow } = setUp();
    const good = tokens.next;
    tokens.next = () => {
      throw new Error('not signed in');
    };
    follow();
    await soon();
    expect(problems[0]).toEqual({ code: 'token', message: 'No token: not signed in', retry: true });
    tokens.next = good;
    await soon(10_000);
    expect(states()).toEqual(['rendering']);
  });

  it('lends its token to files that Reelhook serves, and to no other', async () => {
    const { client, follow } = setUp();
    follow();
    await soon();
    expect(client.media('/media/1')).toBe(`${BASE}/media/1?token=token-1`);
    expect(client.media('https://cdn.example/1.mp4')).toBe('https://cdn.example/1.mp4');
  });
});
