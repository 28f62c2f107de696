/**
 * The live connection: one EventSource, and the rules by which it is opened again.
 *
 * The browser reconnects by itself after an ordinary break. It gives up on an HTTP error (`CLOSED`), it may hang, and a
 * phone ends a stream without telling the page. A comment sent as heartbeat is invisible here, so silence proves nothing:
 * whenever silence becomes suspicious we simply open anew. That is cheap and loses nothing, since `last_event_id` is given.
 */

import type { Notification } from './api/notifications.ts';
import type { DeletedVideo, Progress, Video } from './types.ts';

export type StreamStatus = 'connecting' | 'live' | 'reconnecting' | 'offline' | 'superseded' | 'stopped';

export interface StreamHandlers {
  url(lastEventId: number): string;
  onStatus(status: StreamStatus): void;
  onVideo(video: Video, id: number): void;
  onProgress(videoId: string, progress: Progress): void;
  /** A video is gone: what lists show has to be read anew. */
  onDeleted(id: number, video: DeletedVideo): void;
  /** Something was told to the person, or was seen by them on one of their devices. */
  onNotification(notification: Notification, id: number): void;
  /** Updates were lost to us: read everything anew; from here on we follow behind this id. */
  onResync(id: number): void;
  /** The server closed the door. False means: do not knock again (signed out). */
  mayReconnect(): Promise<boolean>;
}

/** What a test replaces. */
export interface StreamWorld {
  open(url: string): EventSource;
  now(): number;
  random(): number;
  setTimeout(run: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
  isOnline(): boolean;
  isVisible(): boolean;
  isPhone(): boolean;
}

export const BACKOFF_MS = { first: 1_000, most: 30_000 };
/** The browser's own attempt may take this long before we take over. */
export const STUCK_MS = 20_000;
/** A page that was away this long may have lost its stream without a word. */
export const AWAY_MS = 15_000;
/** A phone suspends pages and ends their connections within seconds, and tells neither. */
export const AWAY_ON_PHONE_MS = 2_000;
/** A visible page reopens a silent stream after this, plus up to half as much again. */
export const SILENCE_MS = 240_000;
const CHECK_MS = 10_000;
/** The reasons of `bye` by which the credential itself has ended: another try with it would be in vain. */
const ACCESS_ENDED = new Set<unknown>(['token_expired', 'session_expired', 'key_expired', 'revoked']);

const CLOSED = 2;

export class Stream {
  #source: EventSource | null = null;
  #lastEventId = 0;
  #failures = 0;
  #status: StreamStatus = 'stopped';
  #lastSign = 0;
  #silenceLimit = SILENCE_MS;
  #hiddenSince: number | null = null;
  #lastCheck = 0;
  #reconnect: unknown;
  #stuck: unknown;
  #check: unknown;

  constructor(
    private readonly handlers: StreamHandlers,
    private readonly world: StreamWorld,
  ) {}

  get lastEventId(): number {
    return this.#lastEventId;
  }

  /** Follow from `streamId` on. Does nothing when it already runs: then it is ahead of any list. */
  start(streamId: number): void {
    if (this.#status !== 'stopped') return;
    this.#lastEventId = streamId;
    this.#lastCheck = this.world.now();
    this.#hiddenSince = this.world.isVisible() ? null : this.world.now();
    this.#open('connecting');
    this.#watch();
  }

  stop(): void {
    this.#end('stopped');
  }

  /** The page became visible or hidden. */
  visibility(): void {
    if (!this.world.isVisible()) {
      this.#hiddenSince ??= this.world.now();
      return;
    }
    const since = this.#hiddenSince;
    this.#hiddenSince = null;
    if (since === null) return;
    const now = this.world.now();
    const away = this.world.isPhone() ? AWAY_ON_PHONE_MS : AWAY_MS;
    if (now - since >= away && now - this.#lastSign >= away) this.wake();
  }

  /** The page certainly lost its stream: restored from the back/forward cache, or the network came back. */
  wake(): void {
    if (this.#isResting()) return;
    this.#failures = 0;
    this.#open('reconnecting');
  }

  offline(): void {
    if (!this.#isResting()) this.#say('offline');
  }

  #isResting(): boolean {
    return this.#status === 'stopped' || this.#status === 'superseded';
  }

  #open(status: StreamStatus): void {
    this.#drop();
    this.#say(this.world.isOnline() ? status : 'offline');
    const source = this.world.open(this.handlers.url(this.#lastEventId));
    this.#source = source;
    this.#lastSign = this.world.now();
    this.#armStuck();
    // Once dropped, a source may still have events queued: none of them counts.
    const current = () => this.#source === source;
    source.onopen = () => current() && this.#opened();
    source.onerror = () => current() && this.#broke(source);
    const on = (name: string, handle: (data: unknown, id: number) => void) =>
      source.addEventListener(name, (event) => current() && this.#received(event as MessageEvent<string>, handle));
    on('video.updated', (data, id) => {
      const { video } = data as { video: Video | DeletedVideo };
      if ('deleted' in video) this.handlers.onDeleted(id, video);
      else this.handlers.onVideo(video, id);
    });
    on('video.progress', (data) => {
      const { video_id, bytes, total } = data as { video_id: string } & Progress;
      this.handlers.onProgress(video_id, { bytes, total });
    });
    on('resync', (data) => this.#resync((data as { stream_id: number }).stream_id));
    on('notification', (data, id) => {
      this.handlers.onNotification((data as { notification: Notification }).notification, id);
    });
    on('bye', (data) => this.#left((data as { reason?: unknown }).reason));
    on('superseded', () => this.#end('superseded'));
  }

  #received(event: MessageEvent<string>, handle: (data: unknown, id: number) => void): void {
    this.#lastSign = this.world.now();
    if (this.#status !== 'live') this.#opened();
    let data: unknown;
    try {
      data = JSON.parse(event.data);
    } catch {
      return;
    }
    const id = Number(event.lastEventId);
    handle(data, id);
    // Only after it was taken in: an update that threw is asked for again.
    if (event.type !== 'resync' && Number.isSafeInteger(id) && id > this.#lastEventId) this.#lastEventId = id;
  }

  /** The server ended the stream. The browser comes back when it was told to, unless nobody would let it in. */
  #left(reason: unknown): void {
    this.#say('reconnecting');
    if (!ACCESS_ENDED.has(reason)) return;
    // A session in use lasts longer than it did when the stream began, and a role may only have changed: ask.
    this.#drop();
    this.#later();
  }

  #resync(streamId: number): void {
    this.#lastEventId = streamId;
    this.handlers.onResync(streamId);
  }

  #opened(): void {
    this.#failures = 0;
    this.#lastSign = this.world.now();
    this.#silenceLimit = SILENCE_MS * (1 + this.world.random() / 2);
    this.world.clearTimeout(this.#stuck);
    this.#say('live');
  }

  #broke(source: EventSource): void {
    this.#say(this.world.isOnline() ? 'reconnecting' : 'offline');
    if (source.readyState !== CLOSED) {
      this.#armStuck();
      return;
    }
    this.#drop();
    this.#later();
  }

  /** Our own next attempt: exponential, with full jitter, so that a restarted server is not stormed. */
  #later(): void {
    const most = Math.min(BACKOFF_MS.most, BACKOFF_MS.first * 2 ** this.#failures);
    this.#failures += 1;
    this.world.clearTimeout(this.#reconnect);
    this.#reconnect = this.world.setTimeout(() => void this.#again(), most * (0.5 + this.world.random() / 2));
  }

  async #again(): Promise<void> {
    const source = this.#source;
    const may = await this.handlers.mayReconnect();
    if (this.#isResting() || this.#source !== source) return;
    if (may) this.#open('reconnecting');
    else this.#end('stopped');
  }

  #armStuck(): void {
    this.world.clearTimeout(this.#stuck);
    this.#stuck = this.world.setTimeout(() => {
      this.#drop();
      this.#say(this.world.isOnline() ? 'reconnecting' : 'offline');
      this.#later();
    }, STUCK_MS);
  }

  /** A late tick means the machine slept; a long silence means the line may be dead. */
  #watch(): void {
    this.world.clearTimeout(this.#check);
    this.#check = this.world.setTimeout(() => {
      if (this.#isResting()) return;
      const now = this.world.now();
      const slept = now - this.#lastCheck > 3 * CHECK_MS;
      const silent = now - this.#lastSign > this.#silenceLimit;
      this.#lastCheck = now;
      if (this.world.isVisible() && this.#status === 'live' && (slept || silent)) this.wake();
      this.#watch();
    }, CHECK_MS);
  }

  #drop(): void {
    this.#source?.close();
    this.#source = null;
    this.world.clearTimeout(this.#reconnect);
    this.world.clearTimeout(this.#stuck);
  }

  #end(status: StreamStatus): void {
    this.#drop();
    this.world.clearTimeout(this.#check);
    this.#say(status);
  }

  #say(status: StreamStatus): void {
    if (status === this.#status) return;
    this.#status = status;
    this.handlers.onStatus(status);
  }
}

export const browserWorld: StreamWorld = {
  open: (url) => new EventSource(url),
  now: () => Date.now(),
  random: () => Math.random(),
  setTimeout: (run, ms) => setTimeout(run, ms),
  clearTimeout: (timer) => clearTimeout(timer as number | undefined),
  isOnline: () => navigator.onLine,
  isVisible: () => document.visibilityState === 'visible',
  isPhone: () => matchMedia('(pointer: coarse)').matches,
};

/** What wants to know about the page. */
export interface PageFollower {
  visibility(): void;
  /** The page is being left; it may come back as it was, from the back/forward cache: then `wake` is called. */
  leave(): void;
  wake(): void;
  offline(): void;
}

/** Tell what happens to the page. Returns how to stop listening. */
export function followPage(stream: PageFollower): () => void {
  const listeners = new AbortController();
  const options = { signal: listeners.signal };
  document.addEventListener('visibilitychange', () => stream.visibility(), options);
  window.addEventListener('pagehide', () => stream.leave(), options);
  window.addEventListener('pageshow', (event) => event.persisted && stream.wake(), options);
  window.addEventListener('online', () => stream.wake(), options);
  window.addEventListener('offline', () => stream.offline(), options);
  return () => listeners.abort();
}
