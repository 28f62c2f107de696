/** Addresses to pages, by the browser's own history. Every view of the app has an address, and every link is a real one. */

import { tick } from 'svelte';
import { type BoardQuery, boardQueryOf, boardSearch, EVERYTHING } from './board/query.ts';
import { type JobFilter, jobFilterOf, jobSearch } from './jobs.ts';
import { isSection, SECTIONS, type SectionName } from './sections.ts';

export type Route =
  | { page: 'board'; query: BoardQuery }
  | { page: 'video'; id: string }
  | { page: 'jobs'; id: string | null; filter: JobFilter }
  | { page: 'section'; name: SectionName; id: string | null; query: URLSearchParams }
  | { page: 'new'; query: URLSearchParams }
  | { page: 'sign-in'; next: string; expired: boolean }
  | { page: 'unsubscribe'; token: string }
  | { page: 'not-found' };

export function routeOf(url: URL): Route {
  const path = url.pathname.replace(/\/+$/, '') || '/';
  if (path === '/') return { page: 'board', query: boardQueryOf(url.searchParams) };
  if (path === '/sign-in') {
    const next = safeNext(url.searchParams.get('next'), url.origin);
    return { page: 'sign-in', next, expired: url.searchParams.has('expired') };
  }
  const jobs = /^\/jobs(?:\/([^/]+))?$/.exec(path);
  if (jobs !== null) {
    const id = jobs[1] === undefined ? null : decode(jobs[1]);
    return { page: 'jobs', id, filter: jobFilterOf(url.searchParams) };
  }
  const letters = /^\/unsubscribe\/([^/]+)$/.exec(path)?.[1];
  if (letters !== undefined) return { page: 'unsubscribe', token: decode(letters) };
  if (path === '/new') return { page: 'new', query: url.searchParams };
  if (path === '/account') return { page: 'section', name: 'profile', id: null, query: url.searchParams };
  const [, group = '', name = '', id] = /^\/([^/]+)\/([^/]+)(?:\/([^/]+))?$/.exec(path) ?? [];
  if (isSection(group, name)) {
    return { page: 'section', name, id: id === undefined ? null : decode(id), query: url.searchParams };
  }
  const video = /^\/videos\/([^/]+)$/.exec(path)?.[1];
  if (video !== undefined) return { page: 'video', id: decode(video) };
  return { page: 'not-found' };
}

/** Only a path of this site may be returned to, whatever the address says. */
export function safeNext(next: string | null, origin: string): string {
  if (next === null || !next.startsWith('/')) return '/';
  const url = new URL(next, origin);
  if (url.origin !== origin || url.pathname === '/sign-in') return '/';
  return url.pathname + url.search;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export const paths = {
  board: (query: Partial<BoardQuery> = {}) => `/${boardSearch({ ...EVERYTHING, ...query })}`,
  video: (id: string) => `/videos/${encodeURIComponent(id)}`,
  jobs: (filter: JobFilter) => `/jobs${jobSearch(filter)}`,
  /** One job; the filter says which list it was opened from. */
  job: (id: string, filter: JobFilter) => `/jobs/${encodeURIComponent(id)}${jobSearch(filter)}`,
  /** A section, one thing in it, and how its list is narrowed. */
  section: (name: SectionName, id: string | null = null, query: Record<string, string> = {}) => {
    const place = `/${SECTIONS[name].group}/${name}${id === null ? '' : `/${encodeURIComponent(id)}`}`;
    const text = new URLSearchParams(query).toString();
    return text === '' ? place : `${place}?${text}`;
  },
  new: '/new',
  account: '/account',
  signIn: (next: string, expired = false) => {
    const search = new URLSearchParams();
    if (next !== '/') search.set('next', next);
    if (expired) search.set('expired', '');
    const text = search.toString().replace(/=(?=&|$)/g, '');
    return text === '' ? '/sign-in' : `/sign-in?${text}`;
  },
};

class Router {
  #url = $state.raw(new URL('http://localhost/'));
  readonly route = $derived(routeOf(this.#url));

  /** The address without its fragment, to be returned to after signing in. */
  get here(): string {
    return this.#url.pathname + this.#url.search;
  }

  start(): () => void {
    this.#url = new URL(location.href);
    history.scrollRestoration = 'manual';
    const listeners = new AbortController();
    window.addEventListener('popstate', (event) => void this.#popped(event), { signal: listeners.signal });
    document.addEventListener('click', (event) => this.#clicked(event), { signal: listeners.signal });
    return () => listeners.abort();
  }

  go(path: string, { replace = false, keepScroll = false } = {}): void {
    if (replace) {
      history.replaceState(history.state, '', path);
    } else {
      history.replaceState({ scroll: scrollY }, '');
      history.pushState(null, '', path);
    }
    this.#url = new URL(location.href);
    if (!keepScroll) void tick().then(() => scrollTo(0, 0));
  }

  async #popped(event: PopStateEvent): Promise<void> {
    const scroll = (event.state as { scroll?: number } | null)?.scroll ?? 0;
    this.#url = new URL(location.href);
    await tick();
    scrollTo(0, scroll);
  }

  /** A plain click on a link of ours changes the page without loading it; everything else is the browser's. */
  #clicked(event: MouseEvent): void {
    if (
      event.defaultPrevented ||
      event.button !== 0 ||
      event.metaKey ||
      event.ctrlKey ||
      event.shiftKey ||
      event.altKey
    )
      return;
    const link = (event.target as Element | null)?.closest('a');
    if (link?.target !== '' || link.hasAttribute('download') || link.origin !== location.origin) return;
    if (link.hash !== '' || routeOf(new URL(link.href)).page === 'not-found') return;
    event.preventDefault();
    this.go(link.pathname + link.search, { keepScroll: link.dataset.keepScroll !== undefined });
  }
}

export const router = new Router();
