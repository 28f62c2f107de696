/**
 * The app without a network: its page and all its files are kept, as one, for each build.
 *
 * The page is asked of the network first, so that nobody looks at an old one while the server answers. Files carry a
 * digest in their names and are right for ever. The build before is kept as well: a tab of it that is still open finds the pages it has not opened yet.
 */

export interface Build {
  version: string;
  /** Addresses of everything that was built, but the page. */
  files: string[];
}

type Fetch = (request: Request) => Promise<Response>;

const PREFIX = 'reelhook.app.';
const PAGE = '/';
/** A network that takes longer is as good as none: the kept page is the same app. */
export const PATIENCE_MS = 4_000;
/** What a proxy says for a server that is away. */
const AWAY = new Set([502, 503, 504]);
const NOT_PAGES = /^\/(api|media|metrics|docs|sdk|webhooks|healthz|readyz)(\/|$)/;

/** Whether the app answers at this address: no file, and nothing that the server itself shows. */
export function isPage(url: URL): boolean {
  const last = url.pathname.slice(url.pathname.lastIndexOf('/'));
  return !NOT_PAGES.test(url.pathname) && !last.includes('.');
}

export function isAsset(url: URL): boolean {
  return url.pathname.startsWith('/assets/');
}

export class Shell {
  readonly #name: string;

  constructor(
    private readonly build: Build,
    private readonly caches: CacheStorage,
    private readonly fetch: Fetch,
    private readonly patienceMs = PATIENCE_MS,
  ) {
    this.#name = PREFIX + build.version;
  }

  /** Keep this build; it fails as a whole, and is tried again when the browser next looks for a new worker. */
  async keep(): Promise<void> {
    const cache = await this.caches.open(this.#name);
    await cache.addAll([PAGE, ...this.build.files]);
  }

  /** Forget all builds but this one and the newest before it. */
  async tidy(): Promise<void> {
    // In the order in which they were made.
    const others = (await this.caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== this.#name);
    await Promise.all(others.slice(0, -1).map((name) => this.caches.delete(name)));
  }

  async page(request: Request): Promise<Response> {
    const answer = await this.#inTime(this.fetch(request));
    if (answer !== null && !AWAY.has(answer.status)) return answer;
    const cache = await this.caches.open(this.#name);
    return (await cache.match(PAGE, { ignoreVary: true })) ?? answer ?? this.fetch(request);
  }

  async asset(request: Request): Promise<Response> {
    const kept = await this.caches.match(request, { ignoreVary: true });
    if (kept !== undefined) return kept;
    const answer = await this.fetch(request);
    if (answer.ok) await (await this.caches.open(this.#name)).put(request, answer.clone());
    return answer;
  }

  /** Null when there was no answer, or none yet. */
  async #inTime(answer: Promise<Response>): Promise<Response | null> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<null>((resolve) => {
      timer = setTimeout(() => resolve(null), this.patienceMs);
    });
    try {
      return await Promise.race([answer.catch(() => null), late]);
    } finally {
      clearTimeout(timer);
    }
  }
}
