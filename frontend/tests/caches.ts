/** The caches of one browser, as far as the service worker uses them. */

const ORIGIN = 'https://reelhook.test';
const address = (request: RequestInfo | URL) =>
  new URL(request instanceof Request ? request.url : request, ORIGIN).href;

class FakeCache {
  readonly #kept = new Map<string, Response>();

  constructor(private readonly fetch: (request: Request) => Promise<Response>) {}

  match = async (request: RequestInfo | URL) => this.#kept.get(address(request))?.clone();
  delete = async (request: RequestInfo | URL) => this.#kept.delete(address(request));
  keys = async () => [...this.#kept.keys()].map((url) => new Request(url));

  put = async (request: RequestInfo | URL, response: Response) => {
    this.#kept.set(address(request), response);
  };

  addAll = async (paths: string[]) => {
    for (const path of paths) await this.put(path, await this.fetch(new Request(address(path))));
  };
}

export class FakeCaches {
  readonly #all = new Map<string, FakeCache>();
  fetch: (request: Request) => Promise<Response> = async () => new Response();

  readonly storage = {
    open: async (name: string) => {
      const cache = this.#all.get(name) ?? new FakeCache((request) => this.fetch(request));
      this.#all.set(name, cache);
      return cache;
    },
    keys: async () => [...this.#all.keys()],
    delete: async (name: string) => this.#all.delete(name),
    match: async (request: RequestInfo | URL) => {
      for (const cache of this.#all.values()) {
        const found = await cache.match(request);
        if (found !== undefined) return found;
      }
      return undefined;
    },
  } as unknown as CacheStorage;
}
