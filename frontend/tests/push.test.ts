import { beforeEach, describe, expect, it, vi } from 'vitest';

import { renewed } from '../src/worker/subscription.ts';

const KEY = 'BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8';

class FakeSubscription {
  constructor(
    readonly endpoint: string,
    readonly options: { applicationServerKey: ArrayBuffer },
    private readonly gone: () => void,
  ) {}
  unsubscribe = vi.fn(async () => this.gone());
  toJSON = () => ({ endpoint: this.endpoint, keys: { p256dh: 'p', auth: 'a' } });
}

const keyBytes = (key: string) =>
  Uint8Array.from(atob(key.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));

/** A browser, the person's answer, and a server that knows subscriptions by their fingerprints. */
function setUp({ answer = 'granted' as NotificationPermission, works = true, uninstalled = false } = {}) {
  const page = { permission: 'default' as NotificationPermission };
  let subscription: FakeSubscription | null = null;
  let made = 0;
  const known = new Map<string, string>();
  const asked: string[] = [];
  const manager = {
    getSubscription: async () => subscription,
    subscribe: vi.fn(async ({ applicationServerKey }: { applicationServerKey: string }) => {
      // As browsers do: the one there is, as long as there is one.
      if (subscription !== null) return subscription;
      made += 1;
      const gone = () => {
        subscription = null;
      };
      const options = { applicationServerKey: keyBytes(applicationServerKey).buffer };
      subscription = new FakeSubscription(`https://push.test/${made}`, options, gone);
      return subscription;
    }),
  };
  const fetched = async (path: string, init: RequestInit) => {
    asked.push(`${init.method ?? 'GET'} ${path}`);
    if (path.endsWith('/push-key')) return Response.json({ key: KEY });
    if (!works) return Response.json({ title: 'Full', code: 'conflict' }, { status: 409 });
    if (init.method === 'POST') {
      const { endpoint } = JSON.parse(String(init.body)) as { endpoint: string };
      const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(endpoint));
      known.set('s1', Buffer.from(digest).toString('hex'));
      return Response.json({ id: 's1' }, { status: 201 });
    }
    if (init.method === 'DELETE') {
      known.clear();
      return new Response(null, { status: 204 });
    }
    return Response.json({ data: [...known].map(([id, fingerprint]) => ({ id, fingerprint })) });
  };
  vi.stubGlobal('fetch', fetched);
  vi.stubGlobal('PushManager', uninstalled ? undefined : class {});
  vi.stubGlobal('Notification', {
    get permission() {
      return page.permission;
    },
    requestPermission: async () => {
      page.permission = answer;
      return answer;
    },
  });
  vi.stubGlobal('navigator', {
    maxTouchPoints: 5,
    ...(uninstalled ? { standalone: false } : {}),
    serviceWorker: { getRegistration: async () => ({ pushManager: manager }) },
  });
  return { manager, known, asked, page, fetched, subscription: () => subscription };
}

beforeEach(() => {
  vi.resetModules();
  vi.unstubAllGlobals();
});

describe('push messages in this browser', () => {
  it('are off, on when the person wants them, and off again', async () => {
    const { known, subscription } = setUp();
    const { pushState, turnPushOn, turnPushOff } = await import('../src/lib/push.ts');
    expect(await pushState()).toBe('off');
    expect(await turnPushOn()).toBe('on');
    expect(await pushState()).toBe('on');
    expect(known.size).toBe(1);
    expect(await turnPushOff()).toBe('off');
    expect([known.size, subscription()]).toEqual([0, null]);
  });

  it('stay off when the person says no, or nothing', async () => {
    for (const [answer, state] of [
      ['denied', 'denied'],
      ['default', 'off'],
    ] as const) {
      setUp({ answer });
      vi.resetModules();
      const { pushState, turnPushOn } = await import('../src/lib/push.ts');
      expect(await turnPushOn()).toBe(state);
      expect(await pushState()).toBe(state);
    }
  });

  it('need the home screen on an iPhone, and another browser elsewhere', async () => {
    setUp({ uninstalled: true });
    const { pushState, turnPushOn } = await import('../src/lib/push.ts');
    expect([await pushState(), await turnPushOn()]).toEqual(['needs-install', 'needs-install']);
    vi.stubGlobal('navigator', { maxTouchPoints: 0, standalone: false });
    expect(await pushState()).toBe('unsupported');
  });

  it('leave no subscription behind that the server does not know', async () => {
    const { subscription } = setUp({ works: false });
    const { turnPushOn } = await import('../src/lib/push.ts');
    await expect(turnPushOn()).rejects.toThrow('Full');
    expect(subscription()).toBeNull();
  });

  it('are subscribed anew when the server has another key', async () => {
    const { manager, subscription } = setUp();
    await manager.subscribe({ applicationServerKey: 'AAAA' });
    const { turnPushOn } = await import('../src/lib/push.ts');
    await turnPushOn();
    expect(subscription()?.endpoint).toBe('https://push.test/2');
    await turnPushOn();
    expect(subscription()?.endpoint).toBe('https://push.test/2');
  });

  it('end when the person signs out, without asking the server', async () => {
    const { asked, subscription } = setUp();
    const { forgetThisBrowser, pushState, turnPushOn } = await import('../src/lib/push.ts');
    await turnPushOn();
    asked.length = 0;
    await forgetThisBrowser();
    expect([asked, subscription()]).toEqual([[], null]);
    expect(await pushState()).toBe('off');
  });

  it('of somebody else, who never signed out here, end with the next person', async () => {
    const { known, subscription } = setUp();
    const { dropSomebodyElses, turnPushOn } = await import('../src/lib/push.ts');
    await turnPushOn();
    await dropSomebodyElses();
    expect(subscription()).not.toBeNull();
    known.clear();
    await dropSomebodyElses();
    expect(subscription()).toBeNull();
  });

  it('go on when the browser ended a subscription by itself', async () => {
    const { manager, known, fetched, subscription } = setUp();
    await renewed(manager as unknown as PushManager, fetched);
    expect(subscription()?.endpoint).toBe('https://push.test/1');
    expect(known.size).toBe(1);
    manager.subscribe.mockClear();
    await renewed(manager as unknown as PushManager, async () => new Response(null, { status: 401 }));
    expect(manager.subscribe).not.toHaveBeenCalled();
  });
});
