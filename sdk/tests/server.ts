/** As much of Reelhook as a client speaks to, in place of `fetch`. */

import { vi } from 'vitest';
import type { Told } from '../src/entries.ts';
import type { Video } from '../src/types.ts';

export const BASE = 'https://reelhook.example';
export const ID = '0199c1f2-0000-7000-8000-000000000001';

export function aVideo(more: Partial<Told> = {}): Video {
  return {
    id: ID,
    title: 'Welcome',
    state: 'rendering',
    late: false,
    failure: null,
    progress: null,
    eta_at: null,
    asset: null,
    created_at: '2026-11-26T08:00:00.000Z',
    updated_at: '2026-11-26T08:00:00.000Z',
    ...more,
  };
}

/** One open stream. */
export class FakeStream {
  readonly query: URLSearchParams;
  isOpen = true;
  #controller!: ReadableStreamDefaultController<Uint8Array>;
  readonly body = new ReadableStream<Uint8Array>({
    start: (controller) => {
      this.#controller = controller;
    },
  });

  constructor(url: URL, signal: AbortSignal) {
    this.query = url.searchParams;
    signal.addEventListener('abort', () => this.breaks(signal.reason));
  }

  get token() {
    return this.query.get('token');
  }

  async says(text: string) {
    this.#controller.enqueue(new TextEncoder().encode(text));
    await vi.advanceTimersByTimeAsync(0);
  }

  sends(event: string, data: unknown, id?: number) {
    return this.says(`${id ? `id: ${id}\n` : ''}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  updates(id: number, more: Partial<Told> = {}) {
    return this.sends('video.updated', { video: aVideo(more) }, id);
  }

  async ends() {
    this.isOpen = false;
    this.#controller.close();
    await vi.advanceTimersByTimeAsync(0);
  }

  breaks(reason: unknown = new TypeError('network error')) {
    if (this.isOpen) this.#controller.error(reason);
    this.isOpen = false;
  }
}

export class FakeServer {
  readonly streams: FakeStream[] = [];
  /** Paths that were read, in order. */
  readonly reads: string[] = [];
  streamId = 10;
  videos = new Map<string, Video>([[ID, aVideo()]]);
  /** Streams: greeted, or blocked as by a firewall, or taken without a word. */
  streaming: 'open' | 'blocked' | 'silent' = 'open';
  /** Tokens that are good no longer. */
  readonly ended = new Set<string | null>();
  /** What every read is answered with, if not as usual. */
  refusal: number | undefined;

  constructor() {
    vi.stubGlobal('fetch', (address: string, { signal }: { signal: AbortSignal }) => this.#answer(address, signal));
  }

  get stream(): FakeStream {
    return this.streams.at(-1) as FakeStream;
  }

  open() {
    return this.streams.filter(({ isOpen }) => isOpen).length;
  }

  async #answer(address: string, signal: AbortSignal): Promise<Response> {
    const url = new URL(address);
    const refused = this.ended.has(url.searchParams.get('token')) ? 401 : undefined;
    if (url.pathname === '/api/v1/stream') return refused ? problem(refused) : this.#follow(url, signal);
    this.reads.push(url.pathname);
    const video = this.videos.get(url.pathname.split('/').at(-1) as string);
    if (refused || this.refusal) return problem((refused ?? this.refusal) as number);
    return video ? Response.json({ ...video, assets: [], stream_id: this.streamId }) : problem(404);
  }

  #follow(url: URL, signal: AbortSignal): Response {
    if (this.streaming === 'blocked') throw new TypeError('Failed to fetch');
    const stream = new FakeStream(url, signal);
    this.streams.push(stream);
    if (this.streaming === 'open') stream.says(': welcome\n\n');
    return new Response(stream.body);
  }
}

function problem(status: number): Response {
  return Response.json({ code: `code_${status}`, detail: 'Refused.', status }, { status });
}
