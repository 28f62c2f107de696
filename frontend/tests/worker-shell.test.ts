import { describe, expect, it, vi } from 'vitest';
import { isPage, Shell } from '../src/worker/shell.ts';
import { Shown } from '../src/worker/shown.ts';
import { FakeCaches } from './caches.ts';

const ORIGIN = 'https://reelhook.test';
const page = (path = '/videos/v1') => new Request(ORIGIN + path);

function setUp(version = 'one', caches = new FakeCaches()) {
  const server = vi.fn(async (request: Request) => new Response(`${version} ${new URL(request.url).pathname}`));
  caches.fetch = (request) => server(request);
  const shell = new Shell({ version, files: ['/assets/app-1.js'] }, caches.storage, server, 20);
  return { caches, server, shell };
}

const text = (answer: Promise<Response>) => answer.then((one) => one.text());

describe('the app without a network', () => {
  it('is what the server has, while it answers', async () => {
    const { shell } = setUp();
    await shell.keep();
    expect(await text(shell.page(page()))).toBe('one /videos/v1');
  });

  it.each([
    ['is refused', async () => Promise.reject(new TypeError('no network'))],
    ['stays silent', () => new Promise<Response>(() => undefined)],
    ['says that the server is away', async () => new Response('bad gateway', { status: 502 })],
  ])('is the kept page when the network %s', async (_, server) => {
    const one = setUp();
    await one.shell.keep();
    one.server.mockImplementation(server);
    expect(await text(one.shell.page(page()))).toBe('one /');
  });

  it('is the refusal itself when nothing was kept', async () => {
    const { shell, server } = setUp();
    server.mockResolvedValueOnce(new Response('starting', { status: 503 }));
    expect((await shell.page(page())).status).toBe(503);
    server.mockRejectedValue(new TypeError('no network'));
    await expect(shell.page(page())).rejects.toThrow('no network');
  });

  it('lets a page that the server refuses be refused', async () => {
    const { shell, server } = setUp();
    await shell.keep();
    server.mockResolvedValue(new Response('no', { status: 404 }));
    expect((await shell.page(page())).status).toBe(404);
  });

  it('asks for a file once, and keeps none that the server does not have', async () => {
    const { shell, server } = setUp();
    await text(shell.asset(page('/assets/late-2.js')));
    expect(await text(shell.asset(page('/assets/late-2.js')))).toBe('one /assets/late-2.js');
    expect(server).toHaveBeenCalledTimes(1);
    server.mockResolvedValueOnce(new Response('', { status: 404 }));
    expect((await shell.asset(page('/assets/gone.js'))).status).toBe(404);
    expect((await shell.asset(page('/assets/gone.js'))).status).toBe(200);
  });

  it('keeps the build before for tabs that are still open, and forgets all older ones', async () => {
    const { caches } = setUp();
    for (const version of ['one', 'two', 'three']) await setUp(version, caches).shell.keep();
    await new Shown(caches.storage).add('n1');
    const { shell } = setUp('three', caches);
    await shell.tidy();
    expect(await caches.storage.keys()).toEqual(['reelhook.app.two', 'reelhook.app.three', 'reelhook.shown']);
  });

  it.each([
    ['/', true],
    ['/videos/v1', true],
    ['/settings/keys', true],
    ['/docs', false],
    ['/api/v1/session/oidc', false],
    ['/media/x', false],
    ['/openapi.json', false],
    ['/apiary', true],
  ])('answers for %s: %s', (path, answers) => {
    expect(isPage(new URL(path, ORIGIN))).toBe(answers);
  });
});
