/** The typed client of Reelhook's own API: same origin, cookie session, problems as errors. */

import type {
  Counts,
  Destination,
  InboxEvent,
  InboxEventDetail,
  Job,
  JobCounts,
  Principal,
  Reconcile,
  ReconcileKind,
  ReconcileRun,
  Video,
  VideoDetail,
  VideoPage,
  VideoState,
} from './types.ts';

const ROOT = '/api/v1';
const TIMEOUT_MS = 20_000;
/** Asking HeyGen about everything that is open may take many requests. */
const RECONCILE_TIMEOUT_MS = 120_000;

/** What the server refused, in its own words (RFC 9457), or `network` when no answer came at all. */
export class Problem extends Error {
  override readonly name = 'Problem';

  constructor(
    readonly status: number,
    readonly code: string,
    readonly title: string,
    readonly detail: string | null = null,
    /** The whole document, for what only some problems say. */
    readonly members: Readonly<Record<string, unknown>> = {},
    /** How long the server asks to wait, in seconds, when it does. */
    readonly retryAfterS: number | null = null,
  ) {
    super(detail ?? title);
  }

  get isUnauthorized(): boolean {
    return this.status === 401;
  }

  /** Whether waiting may help: the server is away or in trouble, or was asked too often. */
  get mayPass(): boolean {
    return this.isNetwork || this.status === 429 || this.status >= 500;
  }

  get isNetwork(): boolean {
    return this.code === 'network';
  }
}

/** Any thrown value as a Problem, so that a page has one kind of trouble to show. */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  return new Problem(0, 'unexpected', 'Something went wrong on this page', String(error));
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export async function request<T>(method: Method, path: string, body?: unknown, timeoutMs = TIMEOUT_MS): Promise<T> {
  return contentOf<T>(await send(method, path, body, timeoutMs));
}

/** Post what must happen once however often it is sent: by *key* the server knows the same request. */
export async function postOnce<T>(path: string, body: unknown, key: string): Promise<{ status: number; value: T }> {
  const response = await send('POST', path, body, TIMEOUT_MS, { 'Idempotency-Key': key });
  return { status: response.status, value: await contentOf<T>(response) };
}

async function contentOf<T>(response: Response): Promise<T> {
  if (!response.ok) throw await problemOf(response);
  if (response.status === 204) return undefined as T;
  try {
    return (await response.json()) as T;
  } catch {
    throw new Problem(response.status, 'unreadable', 'The server answered with something that is not JSON');
  }
}

async function send(
  method: Method,
  path: string,
  body: unknown,
  timeoutMs: number,
  more: Record<string, string> = {},
): Promise<Response> {
  const headers: Record<string, string> = { Accept: 'application/json', ...more };
  // A header of our own makes a browser ask before it sends from a foreign site: the defence against forged requests.
  if (method !== 'GET') headers['X-Reelhook'] = '1';
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  try {
    return await fetch(ROOT + path, {
      method,
      headers,
      credentials: 'same-origin',
      // What the browser has kept is asked for again each time, and not sent again when it is still right.
      cache: 'no-cache',
      signal: AbortSignal.timeout(timeoutMs),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch {
    throw new Problem(0, 'network', 'The server cannot be reached');
  }
}

async function problemOf(response: Response): Promise<Problem> {
  const fallback = new Problem(response.status, `http_${response.status}`, `The server answered ${response.status}`);
  try {
    const members = (await response.json()) as Record<string, unknown>;
    const { code, title, detail } = members;
    return new Problem(
      response.status,
      typeof code === 'string' ? code : fallback.code,
      typeof title === 'string' ? title : fallback.title,
      typeof detail === 'string' ? detail : null,
      members,
      secondsOf(response.headers.get('Retry-After')),
    );
  } catch {
    return fallback;
  }
}

function secondsOf(header: string | null): number | null {
  return header !== null && /^\d+$/.test(header) ? Number(header) : null;
}

export function query(values: Record<string, string | number | boolean | null | undefined>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value !== null && value !== undefined && value !== '') search.set(name, String(value));
  }
  const text = search.toString();
  return text === '' ? '' : `?${text}`;
}

export const segment = encodeURIComponent;

export interface VideoFilter {
  states?: readonly VideoState[];
  q?: string;
  subject?: string | null;
  late?: boolean;
  sort?: string;
  cursor?: string | null;
  limit?: number;
}

/** What jobs are asked for; names and values are those of `GET /jobs`. */
export interface JobQuery {
  state?: Job['state'];
  discarded?: boolean;
  kind?: string | null;
  code?: string | null;
  video_id?: string | null;
}
/** Which dead jobs are tried again together. */
export type JobSelection = Pick<JobQuery, 'kind' | 'code' | 'video_id'>;

type Identity = { principal: Principal };
export type List<T> = { data: T[]; next_cursor: string | null };

export const api = {
  session: () => request<Identity>('GET', '/session'),
  signIn: (email: string, password: string) => request<Identity>('POST', '/session', { email, password }),
  signInByLink: (token: string) => request<Identity>('POST', '/session/link', { token }),
  createFirstAdmin: (token: string, email: string, password: string) =>
    request<Identity>('POST', '/session/link', { token, email, password }),
  signOut: () => request<void>('DELETE', '/session'),

  videos: ({ states, q, subject, late, sort, cursor, limit = 50 }: VideoFilter) =>
    request<VideoPage>(
      'GET',
      `/videos${query({ limit, cursor, state: states?.join(','), q, subject, late: late || null, sort })}`,
    ),
  counts: ({ q, subject, late }: Pick<VideoFilter, 'q' | 'subject' | 'late'>) =>
    request<{ data: Counts; stream_id: number }>('GET', `/videos/counts${query({ q, subject, late: late || null })}`),
  video: (id: string) => request<VideoDetail>('GET', `/videos/${segment(id)}`),
  retry: (id: string) => request<Video>('POST', `/videos/${segment(id)}/retry`),
  seen: (id: string, browser: string) => request<void>('POST', `/videos/${segment(id)}/seen`, { browser }),

  events: (videoId: string, cursor: string | null = null) =>
    request<List<InboxEvent>>('GET', `/events${query({ video_id: videoId, limit: 50, cursor })}`),
  event: (id: string) => request<InboxEventDetail>('GET', `/events/${segment(id)}`),
  replay: (id: string) => request<InboxEvent>('POST', `/events/${segment(id)}/replay`),

  jobs: (which: JobQuery, cursor: string | null = null, limit = 50) =>
    request<List<Job>>('GET', `/jobs${query({ ...which, limit, cursor })}`),
  job: (id: string) => request<Job>('GET', `/jobs/${segment(id)}`),
  jobCounts: () => request<{ data: JobCounts }>('GET', '/jobs/counts'),
  retryJob: (id: string) => request<Job>('POST', `/jobs/${segment(id)}/retry`),
  discardJob: (id: string, reason: string) => request<Job>('POST', `/jobs/${segment(id)}/discard`, { reason }),
  retryJobs: (which: JobSelection) => request<{ retried: number; skipped: number }>('POST', '/jobs/retry', which),
  destinations: () => request<{ data: Destination[] }>('GET', '/jobs/destinations'),

  reconcile: () => request<Reconcile>('GET', '/reconcile'),
  reconcileNow: (kinds: ReconcileKind[]) =>
    request<{ runs: ReconcileRun[] }>('POST', '/reconcile', { kinds }, RECONCILE_TIMEOUT_MS),
};

export function streamUrl(lastEventId: number): string {
  return `${ROOT}/stream${query({ last_event_id: lastEventId })}`;
}
