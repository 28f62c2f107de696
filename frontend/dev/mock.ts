/**
 * Reelhook's API out of thin air, for `npm run dev` and `npm run preview`. Nothing here is shipped.
 *
 * `POST /mock {"scene": "normal" | "empty" | "error" | "superseded" | "cut" | "fresh", "moving": true}` sets the scene, and
 * `"jobs": "few" | "none" | "many" | "down"` that of the jobs.
 * The password is `reelhook`; the link `/sign-in#link=setup` creates the first admin, `#link=used` is refused.
 */

import { createReadStream, existsSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Connect, Plugin } from 'vite';
import type { Principal, Video } from '../src/lib/types.ts';
import { end, json, problem } from './answers.ts';
import { JobApi } from './job-api.ts';
import { JobWorld } from './job-world.ts';
import { poster } from './posters.ts';
import { World } from './world.ts';

const POLICY =
  "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'";
const SAMPLE = process.env.REELHOOK_MOCK_VIDEO ?? '';

class Api {
  world = new World();
  jobs = new JobApi(new JobWorld(this.world.videos));
  scene = 'normal';
  moving = true;
  readonly open = new Set<ServerResponse>();

  constructor() {
    setInterval(() => {
      if (!this.moving) return;
      this.world.step();
      this.jobs.world.step();
    }, 700).unref();
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://mock');
    const body = request.method === 'POST' ? await read(request) : {};
    if (url.pathname === '/mock') return this.#setScene(body, response);
    if (url.pathname.startsWith('/mock-media/')) return media(url.pathname, request, response);
    const path = url.pathname.replace('/api/v1', '');
    if (path.startsWith('/session')) return this.#session(path, request, response, body);
    if (!request.headers.cookie?.includes('mock=')) return problem(response, 401, 'unauthorized', 'Sign in first');
    if (this.scene === 'error')
      return problem(
        response,
        503,
        'database_unreachable',
        'The database cannot be reached',
        'It was last seen 40 s ago. Deliveries are kept by HeyGen until it is back.',
      );
    if (path === '/stream') return this.#stream(response);
    if (this.jobs.answers(request.method ?? 'GET', path, url.searchParams, body, response)) return;
    this.#resource(path, url.searchParams, response);
  }

  #setScene(body: Record<string, unknown>, response: ServerResponse): void {
    this.moving = body.moving !== false;
    this.scene = String(body.scene ?? 'normal');
    if (body.scene === 'superseded')
      for (const each of this.open) each.write('event: superseded\ndata: {"reason":"limit"}\n\n');
    if (body.scene === 'cut') for (const each of this.open) each.end();
    if (body.scene === 'fresh') this.world = new World();
    if (body.scene === 'fresh' || body.jobs !== undefined) this.#setJobs(String(body.jobs ?? 'few'));
    json(response, 200, { ids: Object.fromEntries(this.world.videos.map(({ state, id }) => [state, id]).reverse()) });
  }

  #setJobs(scene: string): void {
    const world = new JobWorld(this.world.videos);
    if (scene === 'none') world.jobs = [];
    if (scene === 'many') world.flood();
    if (scene === 'down') world.breakDown();
    this.jobs = new JobApi(world);
  }

  #session(path: string, request: IncomingMessage, response: ServerResponse, body: Record<string, unknown>): void {
    const role = /mock=(\w+)/.exec(request.headers.cookie ?? '')?.[1] as Principal['role'] | undefined;
    const enter = (name: string, as: Principal['role']) => {
      response.setHeader('Set-Cookie', `mock=${as}; Path=/; HttpOnly; SameSite=Lax`);
      json(response, 200, { principal: { kind: 'person', id: name, name, role: as, scopes: [] } });
    };
    if (path === '/session/link') {
      if (body.token === 'setup' && body.password === undefined)
        return problem(response, 409, 'setup_required', 'Create the first admin');
      if (body.token === 'used')
        return problem(
          response,
          410,
          'link_used',
          'This link was already used',
          'A sign-in link works once. Ask for a new one.',
        );
      return enter(String(body.email ?? 'lena@example.com'), 'admin');
    }
    if (request.method === 'POST') {
      if (body.password !== 'reelhook') return problem(response, 401, 'wrong_credentials', 'Wrong email or password');
      return enter(String(body.email), String(body.email).startsWith('viewer') ? 'viewer' : 'operator');
    }
    if (request.method === 'DELETE') {
      response.setHeader('Set-Cookie', 'mock=; Path=/; Max-Age=0');
      return end(response, 204);
    }
    if (role === undefined) return problem(response, 401, 'unauthorized', 'Sign in first');
    json(response, 200, {
      principal: { kind: 'person', id: 'lena@example.com', name: 'lena@example.com', role, scopes: [] },
    });
  }

  #stream(response: ServerResponse): void {
    if (this.scene === 'cut') return problem(response, 503, 'draining', 'Restarting');
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
    response.write('retry: 1500\n\n');
    const send = (event: string, data: unknown, id?: number) =>
      response.write(`${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    const { world } = this;
    world.listeners.add(send);
    this.open.add(response);
    response.on('close', () => {
      world.listeners.delete(send);
      this.open.delete(response);
    });
  }

  #resource(path: string, search: URLSearchParams, response: ServerResponse): void {
    const { world } = this;
    const stream_id = world.head;
    const [, kind, id = '', rest] = path.split('/');
    if (kind === 'events') {
      if (id === '')
        return json(response, 200, { data: world.events(search.get('video_id') ?? ''), next_cursor: null });
      const event = world.events(id.replace(/-\d$/, '')).find((each) => each.id === id);
      if (rest === 'replay' && event) return json(response, 202, world.replay(event));
      return event ? json(response, 200, event) : problem(response, 404, 'not_found', 'There is no such event');
    }
    if (id === '') return json(response, 200, { ...this.#list(search), stream_id });
    if (id === 'counts') {
      const empty = this.scene === 'empty';
      const counts = Object.entries(world.counts()).map(([state, count]) => [state, empty ? 0 : count]);
      return json(response, 200, { data: Object.fromEntries(counts), stream_id });
    }
    const video = world.find(id);
    if (video === undefined) return problem(response, 404, 'not_found', 'There is no such video');
    if (rest === 'timeline')
      return json(response, 200, { data: world.timelines.get(id) ?? [], next_cursor: null, stream_id });
    if (rest === 'seen') return end(response, 204);
    if (rest === 'retry') return this.#retry(video, response);
    json(response, 200, { ...video, assets: assets(video), retry_of: null, stream_id });
  }

  #list(search: URLSearchParams): { data: Video[]; next_cursor: string | null } {
    if (this.scene === 'empty') return { data: [], next_cursor: null };
    const states = search.get('state')?.split(',');
    const q = search.get('q')?.toLowerCase() ?? '';
    const all = this.world.videos.filter(
      (video) => (states?.includes(video.state) ?? true) && (video.title ?? '').toLowerCase().includes(q),
    );
    const from = Number(search.get('cursor') ?? 0);
    const to = from + Number(search.get('limit') ?? 50);
    return { data: all.slice(from, to), next_cursor: to < all.length ? String(to) : null };
  }

  #retry(video: Video, response: ServerResponse): void {
    if (video.state === 'unarchived') {
      this.world.change(video, { state: 'archiving', progress: { bytes: 0, total: 54_000_000 } });
      return json(response, 202, video);
    }
    if (video.state === 'failed') return json(response, 201, this.world.request());
    problem(response, 409, 'not_retryable', 'This video needs no retry', `It is ${video.state}.`);
  }
}

function assets(video: Video) {
  if (video.asset === null) return [];
  const { url, poster_url, bytes, sha256, store } = video.asset;
  const kept = { state: 'stored', stream_url: null, bytes, sha256, store };
  return [
    { ...kept, id: 'a1', role: 'video', url, content_type: 'video/mp4' },
    { ...kept, id: 'a2', role: 'poster', url: poster_url, content_type: 'image/svg+xml' },
    { ...kept, id: 'a3', role: 'captions', url: url.replace('video.mp4', 'captions.vtt'), content_type: 'text/vtt' },
    { ...kept, id: 'a4', role: 'gif', state: 'pending', url: null, content_type: null },
  ];
}

function media(path: string, request: IncomingMessage, response: ServerResponse): void {
  const seed = Number(path.split('/')[2]);
  if (path.endsWith('.svg')) {
    response.writeHead(200, { 'Content-Type': 'image/svg+xml', 'Cache-Control': 'max-age=600' });
    response.end(poster(seed));
  } else if (path.endsWith('.vtt')) {
    response.writeHead(200, { 'Content-Type': 'text/vtt' });
    response.end('WEBVTT\n\n00:00.000 --> 00:04.000\nWelcome. This takes four seconds.\n');
  } else if (SAMPLE !== '' && existsSync(SAMPLE) && request.method !== 'HEAD') {
    response.writeHead(200, { 'Content-Type': SAMPLE.endsWith('.webm') ? 'video/webm' : 'video/mp4' });
    createReadStream(SAMPLE).pipe(response);
  } else {
    end(response, 404);
  }
}

async function read(request: IncomingMessage): Promise<Record<string, unknown>> {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text === '' ? {} : JSON.parse(text);
}

export function mockApi(): Plugin {
  let api: Api | undefined;
  const serve: Connect.NextHandleFunction = (request, response, next) => {
    if (!/^\/(api\/v1|mock(-media)?)(\/|\?|$)/.test(request.url ?? '')) return next();
    api ??= new Api();
    api.handle(request, response).catch(next);
  };
  return {
    name: 'reelhook-mock-api',
    configureServer: ({ middlewares }) => void middlewares.use(serve),
    // The built app runs under the policy it will meet in earnest.
    configurePreviewServer: ({ middlewares }) => {
      middlewares.use((_request, response, next) => {
        response.setHeader('Content-Security-Policy', POLICY);
        next();
      });
      middlewares.use(serve);
    },
  };
}
