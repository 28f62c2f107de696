/**
 * Follows videos by one stream, and asks for them where streams do not get through.
 *
 * The stream is opened first and each video read once behind it, so nothing falls in between. A stream that is to be
 * replaced (its token ends soon, or it may be dead) goes on until the next one speaks; what both say counts once.
 */

import { count, type Entry, inform, isFinal, newEntry, type Told, take } from './entries.ts';
import { asTrouble, refusal, trouble } from './problem.ts';
import { follow } from './stream.ts';
import { keepToken } from './token.ts';
import type { Client, Options, Problem, ProblemListener, Status } from './types.ts';

const POLL = { first: 3_000, most: 15_000, failing: 60_000 };
/** A page that comes back after this may have lost its stream without a word. */
const AWAY = 25_000;

/** What a stream says, whatever the event. */
interface Message {
  video: Told;
  video_id: string;
  bytes: number;
  total: number | null;
  stream_id: number;
  message: string;
  renew?: string;
}

const isHidden = () => globalThis.document?.visibilityState === 'hidden';

export function createClient({ url, getToken }: Options): Client {
  const base = url.replace(/\/+$/, '');
  const entries = new Map<string, Entry>();
  const on = { status: new Set<(status: Status) => void>(), problem: new Set<ProblemListener>() };
  const tokens = keepToken(getToken, () => live && connect());
  let status: Status = 'idle';
  /** The stream that speaks, and the one that is being opened beside it. */
  let live: AbortController | undefined;
  let trying: AbortController | undefined;
  let page: AbortController | undefined;
  /** The stream told us everything up to here. */
  let cursor = 0;
  let failures = 0;
  let lastSign = 0;
  let superseded = false;
  let pause = POLL.first;
  let isReading = false;
  let reconnect: ReturnType<typeof setTimeout>;
  let reread: ReturnType<typeof setTimeout>;

  const watched = () => [...entries.values()].filter(({ subscriptions }) => subscriptions.size);

  const say = (next: Status) => {
    if (status === next) return;
    status = next;
    for (const listener of on.status) listener(next);
  };

  const report = (problem: Problem, entry?: Entry) => {
    if (entry) problem.videoId = entry.id;
    for (const listener of on.problem) listener(problem);
    for (const { subscriptions } of entry ? [entry] : watched())
      for (const { onProblem } of subscriptions) onProblem?.(problem);
  };

  const tell = (entry: Entry, told: Told, id: number) => {
    if (take(entry, told, id)) pause = POLL.first;
    if (entry.gone) report(trouble('deleted', 'The video was deleted.', false), entry);
    // The stream does not name the captions.
    else if (told.state === 'ready' && !told.assets) {
      entry.stale = true;
      readSoon(0);
    }
  };

  /* Reading: what is stale, and while there is no stream, all that may still change. */

  const readSoon = (ms: number) => {
    clearTimeout(reread);
    reread = setTimeout(readDue, ms);
  };

  const readDue = async () => {
    const isDue = (entry: Entry) => entry.stale || (!live && !isHidden() && !isFinal(entry));
    const due = watched().filter(isDue);
    if (isReading || !due.length) return;
    if (!live) say('polling');
    isReading = true;
    const went = await tokens.get().then(
      (token) => Promise.all(due.map((entry) => read(entry, token))),
      (problem) => [failed(problem)],
    );
    isReading = false;
    const allWell = went.every(Boolean);
    pause = allWell ? Math.min(pause * 1.5, POLL.most) : Math.min(pause * 2, POLL.failing);
    readSoon(live && allWell ? 0 : pause);
  };

  /** Resolves with whether it went well: false when it is to be tried again. */
  const read = async (entry: Entry, token: string): Promise<boolean> => {
    // What comes in while we ask may make it stale again.
    entry.stale = false;
    try {
      // The browser itself asks with the ETag of what it has kept.
      const address = `${base}/api/v1/videos/${encodeURIComponent(entry.id)}?token=${token}`;
      const response = await fetch(address, { cache: 'no-cache' });
      if (!response.ok) throw await refusal(response);
      const { stream_id, ...video } = await response.json();
      tell(entry, video, stream_id);
      return true;
    } catch (error) {
      return failed(error, token, entry);
    }
  };

  const failed = (error: unknown, token = '', entry?: Entry): boolean => {
    const problem = asTrouble(error);
    if (problem.status === 401) tokens.forget(token);
    if (entry) {
      entry.stale = problem.retry;
      entry.gone = !problem.retry;
    }
    report(problem, entry);
    return !problem.retry;
  };

  /* Following. */

  const connect = async () => {
    clearTimeout(reconnect);
    trying?.abort();
    trying = new AbortController();
    const mine = trying;
    const from = cursor;
    if (!live && status !== 'polling') {
      say('connecting');
      readSoon(POLL.first);
    }
    const sign = () => {
      lastSign = Date.now();
      if (mine === live) return;
      live?.abort();
      live = mine;
      trying = undefined;
      failures = 0;
      pause = POLL.first;
      if (!from) for (const entry of watched()) entry.stale = true;
      say('live');
      readSoon(0);
    };
    let token = '';
    try {
      token = await tokens.get();
      const since = from ? `&last_event_id=${from}` : '';
      if (mine === trying) await follow(`${base}/api/v1/stream?token=${token}${since}`, mine, sign, hear);
    } catch (error) {
      if (mine === live || mine === trying) failed(error, token);
    }
    ended(mine);
  };

  const ended = (stream: AbortController) => {
    if (stream === live) live = undefined;
    else if (stream === trying) trying = undefined;
    else return;
    if (!trying && !superseded) {
      reconnect = setTimeout(connect, (500 + 2_500 * Math.random()) * 2 ** Math.min(failures++, 5));
    }
    if (live || status === 'polling') return;
    say('connecting');
    readSoon(watched().some(({ asOf }) => asOf) ? pause : 0);
  };

  const hear = (name: string, message: unknown, id: number) => {
    const data = message as Message;
    if (name === 'resync') {
      cursor = data.stream_id;
      for (const entry of entries.values()) Object.assign(entry, { asOf: 0, stale: true });
      readSoon(0);
    }
    if (id && id <= cursor) return;
    if (name === 'video.updated') {
      const entry = entries.get(data.video.id);
      if (entry) tell(entry, data.video, id);
    } else if (name === 'video.progress') {
      const entry = entries.get(data.video_id);
      if (entry) count(entry, { bytes: data.bytes, total: data.total });
    } else if (name === 'bye') {
      if (data.renew) tokens.forget(tokens.current);
    } else if (name === 'superseded' && !trying) {
      superseded = true;
      report(trouble('superseded', data.message, false));
    }
    cursor = Math.max(cursor, id);
  };

  /* The page: phones end streams without telling it, and a page that is kept for "back" must not hold one. */

  const wake = () => {
    failures = 0;
    pause = POLL.first;
    if (!superseded) connect();
    if (!live) readSoon(0);
  };

  const rest = () => {
    for (const stream of [live, trying]) stream?.abort();
    live = trying = undefined;
    clearTimeout(reconnect);
    clearTimeout(reread);
    tokens.stop();
  };

  const start = () => {
    if (page) return;
    page = new AbortController();
    const { signal } = page;
    const listen = (name: string, act: (event: Event) => void) => globalThis.addEventListener?.(name, act, { signal });
    listen('visibilitychange', () => !isHidden() && (!live || Date.now() - lastSign > AWAY) && wake());
    listen('pagehide', rest);
    listen('pageshow', (event) => (event as PageTransitionEvent).persisted && wake());
    listen('online', wake);
    connect();
  };

  const stop = () => {
    page?.abort();
    page = undefined;
    rest();
    say('idle');
  };

  return {
    subscribe(ids, listener, onProblem) {
      const subscription = { listener, onProblem };
      const mine = [ids].flat().map((id) => {
        const entry = entries.get(id) ?? newEntry(id);
        entries.set(id, entry);
        // Nobody looked for a while, so something may have been missed.
        if (!entry.subscriptions.size) entry.stale = true;
        entry.subscriptions.add(subscription);
        inform(entry, subscription);
        return entry;
      });
      start();
      if (status !== 'connecting') readSoon(0);
      return () => {
        for (const { subscriptions } of mine) subscriptions.delete(subscription);
        // Frameworks take away and put back in one breath.
        setTimeout(() => watched().length || stop(), 500);
      };
    },
    get: (id) => entries.get(id)?.video,
    media: (path) => (path.startsWith('/') ? `${base}${path}?token=${tokens.current}` : path),
    get status() {
      return status;
    },
    on(name, listener: (what: never) => void) {
      const listeners: Set<typeof listener> = on[name];
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    retry() {
      superseded = false;
      for (const entry of entries.values()) Object.assign(entry, { stale: true, gone: false });
      if (page) wake();
    },
    close() {
      entries.clear();
      stop();
    },
  };
}
