import { beforeEach, describe, expect, it, vi } from 'vitest';
import { setUp, soon } from './scene.ts';

describe('the page', () => {
  let isHidden: boolean;
  let page: EventTarget;

  beforeEach(() => {
    isHidden = false;
    page = new EventTarget();
    vi.stubGlobal('addEventListener', page.addEventListener.bind(page));
    vi.stubGlobal('document', {
      get visibilityState() {
        return isHidden ? 'hidden' : 'visible';
      },
    });
  });

  const happens = (name: string, more = {}) => page.dispatchEvent(Object.assign(new Event(name), more));

  function becomes(hidden: boolean) {
    isHidden = hidden;
    happens('visibilitychange');
  }

  it('does not ask while nobody looks, and at once when somebody does', async () => {
    const { server, follow } = setUp();
    server.streaming = 'blocked';
    follow();
    await soon();
    becomes(true);
    const { length } = server.reads;
    await soon(120_000);
    expect(server.reads).toHaveLength(length);
    becomes(false);
    await soon();
    expect(server.reads).toHaveLength(length + 1);
  });

  it('opens anew beside the old stream after it was away, for that may be dead', async () => {
    const { server, follow } = setUp();
    follow();
    await soon();
    becomes(true);
    await soon(10_000);
    becomes(false);
    await soon();
    expect(server.streams).toHaveLength(1);
    becomes(true);
    await soon(30_000);
    becomes(false);
    await soon();
    expect([server.streams.length, server.open()]).toEqual([2, 1]);
  });

  it('holds no stream while it is kept for going back, and goes on when it is shown again', async () => {
    const { server, follow } = setUp();
    follow();
    await soon();
    await server.stream.updates(11, { state: 'rendered' });
    happens('pagehide');
    await soon(60_000);
    expect(server.open()).toBe(0);
    happens('pageshow', { persisted: true });
    await soon();
    expect([server.open(), server.stream.query.get('last_event_id')]).toEqual([1, '11']);
  });

  it('tries at once when the network is back', async () => {
    const { server, client, follow } = setUp();
    server.streaming = 'blocked';
    follow();
    await soon(30_000);
    server.streaming = 'open';
    happens('online');
    await soon();
    expect(client.status).toBe('live');
    client.close();
    happens('online');
    await soon();
    expect(server.open()).toBe(0);
  });
});
