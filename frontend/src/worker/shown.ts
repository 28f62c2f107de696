/** Which notifications this browser has shown: kept beside the files, since a worker forgets when it rests. */

const NAME = 'reelhook.shown';
/** The oldest are forgotten first; a push message waits for a day at most. */
export const REMEMBERED = 100;

const address = (id: string) => `/shown/${encodeURIComponent(id)}`;

export class Shown {
  constructor(private readonly caches: CacheStorage) {}

  async has(id: string): Promise<boolean> {
    const cache = await this.caches.open(NAME);
    return (await cache.match(address(id))) !== undefined;
  }

  async add(id: string): Promise<void> {
    const cache = await this.caches.open(NAME);
    await cache.put(address(id), new Response());
    const kept = await cache.keys();
    await Promise.all(kept.slice(0, -REMEMBERED).map((oldest) => cache.delete(oldest)));
  }
}
