/** One browser with several tabs, as far as they share a stream: locks, channels, and a server that the test plays. */

import { vi } from 'vitest';
import type { Locks } from '../src/lib/lead.ts';
import { SharedStream, type TabsWorld } from '../src/lib/shared-stream.ts';
import type { StreamStatus } from '../src/lib/stream.ts';
import type { Channel, TabMessage } from '../src/lib/tab-messages.ts';
import { FakeSource } from './fake-source.ts';
import { aVideo } from './videos.ts';

interface Request {
  isGone: () => boolean;
  grant: LockGrantedCallback<unknown>;
  done: (value: unknown) => void;
  fail: (reason: Error) => void;
}

/** One Web Lock: a holder, who may be robbed, and a queue. */
class FakeLock {
  #holder: Request | null = null;
  readonly #queue: Request[] = [];

  ask(request: Request, steal: boolean): void {
    if (steal) {
      this.#holder?.fail(new DOMException('stolen', 'AbortError'));
      this.#holder = null;
      this.#queue.unshift(request);
    } else this.#queue.push(request);
    queueMicrotask(() => void this.#next());
  }

  async #next(): Promise<void> {
    if (this.#holder !== null) return;
    const next = this.#queue.shift();
    if (next === undefined) return;
    if (next.isGone()) return this.#next();
    this.#holder = next;
    next.done(await next.grant(null));
    if (this.#holder === next) this.#holder = null;
    return this.#next();
  }
}

class FakeLocks {
  readonly #locks = new Map<string, FakeLock>();

  /** `reach` brings an answer to the tab that asked. */
  of(reach: (run: () => void) => void): Locks {
    const request = (name: string, options: LockOptions, grant: LockGrantedCallback<unknown>) =>
      new Promise((done, fail) => {
        const lock = this.#locks.get(name) ?? new FakeLock();
        this.#locks.set(name, lock);
        const isGone = () => options.signal?.aborted ?? false;
        const failed = (reason: Error) => reach(() => fail(reason));
        options.signal?.addEventListener('abort', () => failed(new DOMException('aborted', 'AbortError')));
        lock.ask({ isGone, grant, done, fail: failed }, options.steal ?? false);
      });
    return { request: request as LockManager['request'] };
  }
}

export class FakeBrowser {
  readonly locks = new FakeLocks();
  readonly tabs: FakeTab[] = [];
  readonly sources: FakeSource[] = [];
  online = true;

  tab(streamId: number, { visible = true, owner = 'lena', shares = true } = {}): FakeTab {
    const tab = new FakeTab(this, visible, shares);
    this.tabs.push(tab);
    tab.stream.start(streamId, owner);
    return tab;
  }

  /** The connections that are open. */
  get open(): FakeSource[] {
    return this.sources.filter(({ readyState }) => readyState !== 2);
  }

  /** The only connection there is; opened by the server if it was not yet. */
  get source(): FakeSource {
    const [one, ...more] = this.open;
    if (one === undefined || more.length > 0) throw new Error(`${this.open.length} connections are open`);
    if (one.readyState === 0) one.opens();
    return one;
  }

  /** The server says that a video changed. */
  async update(id: number): Promise<void> {
    this.source.sends('video.updated', { video: aVideo() }, String(id));
    await settle();
  }
}

export class FakeTab {
  readonly said: StreamStatus[] = [];
  readonly seen: unknown[] = [];
  mayReconnect = vi.fn(async () => true);
  isFrozen = false;
  poison = 0;
  readonly #inbox: (() => void)[] = [];
  readonly stream: SharedStream;

  constructor(
    private readonly browser: FakeBrowser,
    public visible: boolean,
    shares: boolean,
  ) {
    const handlers = {
      url: (id: number) => `/stream?last_event_id=${id}`,
      onStatus: (status: StreamStatus) => this.said.push(status),
      onVideo: (_: unknown, id: number) => {
        if (id === this.poison) throw new Error('a bug of ours');
        this.seen.push(id);
      },
      onProgress: (id: string) => this.seen.push(['progress', id]),
      onDeleted: (id: number) => this.seen.push(['deleted', id]),
      onNotification: (one: { id: string }, id: number) => this.seen.push(['notification', one.id, id]),
      onResync: (id: number) => this.seen.push(['resync', id]),
      mayReconnect: () => this.mayReconnect(),
    };
    this.stream = new SharedStream(handlers, this.#world(shares));
  }

  get status(): StreamStatus | undefined {
    return this.said.at(-1);
  }

  show(visible: boolean): void {
    this.visible = visible;
    this.stream.visibility();
  }

  thaw(): void {
    this.isFrozen = false;
    for (const run of this.#inbox.splice(0)) run();
  }

  /** Everything that is told to this tab waits while it is frozen. */
  reach(run: () => void): void {
    if (this.isFrozen) this.#inbox.push(run);
    else run();
  }

  #world(shares: boolean): TabsWorld {
    const { browser } = this;
    return {
      open: (url) => {
        const source = new FakeSource(url);
        browser.sources.push(source);
        return source as unknown as EventSource;
      },
      now: () => Date.now(),
      random: () => 1,
      setTimeout: (run, ms) => setTimeout(() => this.reach(run), ms),
      clearTimeout: (timer) => clearTimeout(timer as ReturnType<typeof setTimeout>),
      isOnline: () => browser.online,
      isVisible: () => this.visible,
      isPhone: () => false,
      locks: shares ? browser.locks.of((run) => this.reach(run)) : undefined,
      channel: (name) => new FakeChannel(name, this),
      uniqueName: () => `tab ${browser.tabs.length}`,
    };
  }
}

const channels = new Set<FakeChannel>();

class FakeChannel implements Channel {
  onmessage: BroadcastChannel['onmessage'] = null;

  constructor(
    readonly name: string,
    readonly tab: FakeTab,
  ) {
    channels.add(this);
  }

  postMessage(message: TabMessage): void {
    const data = structuredClone(message);
    for (const other of channels) {
      if (other === this || other.name !== this.name) continue;
      const hear = () =>
        other.onmessage?.call(other as unknown as BroadcastChannel, new MessageEvent('message', { data }));
      queueMicrotask(() => channels.has(other) && other.tab.reach(hear));
    }
  }

  close(): void {
    channels.delete(this);
  }
}

export function forgetChannels(): void {
  channels.clear();
}

/** Let everything that waits for nothing happen. */
export async function settle(): Promise<void> {
  for (let round = 0; round < 50; round += 1) await Promise.resolve();
}

/** Two tabs, both live: the first leads. */
export async function twoTabs() {
  const browser = new FakeBrowser();
  const leader = browser.tab(10);
  await settle();
  browser.source.opens();
  const other = browser.tab(10);
  await settle();
  return { browser, leader, other };
}
