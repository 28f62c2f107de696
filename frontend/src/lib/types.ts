/** The API's own shapes, named as in its reference (`/openapi.json`). Times are RFC 3339 in UTC. */

export type VideoState = 'requested' | 'rendering' | 'rendered' | 'archiving' | 'ready' | 'failed' | 'unarchived';

export interface Failure {
  by: 'heygen' | 'reelhook';
  code: string | null;
  message: string | null;
}

export interface Progress {
  bytes: number;
  /** Null while the sender has not said how long the file is. */
  total: number | null;
}

export interface Asset {
  url: string;
  poster_url: string | null;
  bytes: number | null;
  sha256: string | null;
  store: string | null;
}

export interface Video {
  id: string;
  heygen_video_id: string | null;
  subject: string | null;
  title: string | null;
  state: VideoState;
  late: boolean;
  failure: Failure | null;
  progress: Progress | null;
  eta_at: string | null;
  /** When HeyGen's link to what is not stored yet ends. */
  link_expires_at: string | null;
  asset: Asset | null;
  created_at: string;
  updated_at: string;
  /** Seconds; only some sources know it. */
  duration?: number | null;
}

/** What the stream says of a video that was deleted. */
export interface DeletedVideo {
  id: string;
  deleted: true;
}

export interface StoredAsset {
  id: string;
  role: 'video' | 'poster' | 'captions' | 'gif' | 'captioned';
  state: 'pending' | 'stored';
  url: string | null;
  /** Where a video is streamed in several qualities (HLS). */
  stream_url: string | null;
  content_type: string | null;
  bytes: number | null;
  sha256: string | null;
  store: string | null;
  /** How we know that the right bytes are stored. */
  verified: 'digest' | 'length' | null;
}

export interface VideoDetail extends Video {
  assets: StoredAsset[];
  /** The failed video that this one repeats. */
  retry_of: string | null;
  stream_id: number;
}

export interface VideoPage {
  data: Video[];
  next_cursor: string | null;
  stream_id: number;
}

export type Counts = Record<VideoState, number>;

export interface TimelineEntry {
  /** Once among those of its kind; null for what there is one of. */
  id: string | number | null;
  at: string;
  kind: string;
  state: VideoState | null;
  message: string;
  data: Record<string, unknown>;
}

export interface InboxEvent {
  id: string;
  type: string;
  resource_id: string | null;
  video_id: string | null;
  event_id: string | null;
  source: 'webhook' | 'callback' | 'reconcile';
  state: 'pending' | 'applied' | 'ignored';
  verdict: string | null;
  received_at: string;
  applied_at: string | null;
  duplicates: number;
  bytes: number;
  /** How often a person had it applied again, and when last. */
  replays?: number | null;
  replayed_at?: string | null;
}

export interface DeliveryAttempt {
  at: string;
  remote: string | null;
  signature: string | null;
  duplicate: boolean;
}

export interface InboxEventDetail extends InboxEvent {
  body: string;
  headers: [string, string][];
  attempts: DeliveryAttempt[];
}

export interface Principal {
  kind: 'person' | 'key';
  id: string;
  name: string;
  role: 'admin' | 'operator' | 'viewer';
  scopes: string[];
}

export type JobState = 'available' | 'running' | 'retryable' | 'done' | 'dead';

/** A failed attempt in words; `outside_code` is what the service that refused calls it. */
export interface JobError {
  code: string;
  message: string;
  retryable?: boolean;
  outside_code?: string;
}

export interface JobAttempt {
  number: number;
  started_at: string;
  ended_at: string;
  outcome: 'done' | 'retryable' | 'dead' | 'postponed';
  error: JobError | null;
}

export interface Job {
  id: string;
  kind: string;
  payload: unknown;
  video_id: string | null;
  state: JobState;
  run_at: string;
  deadline: string | null;
  error: JobError | null;
  created_at: string;
  finished_at: string | null;
  attempts: JobAttempt[];
  /** Why a person put a dead job away; such a job stays `dead`. */
  discarded_reason: string | null;
  /** Whether trying the job itself again makes sense; false when only its video can be. */
  repeatable: boolean | null;
}

/** `dead` without the discarded; what is done is not counted. */
export interface JobCounts {
  available: number;
  running: number;
  retryable: number;
  dead: number;
  discarded: number;
}

/** A service that work goes to. While it is `open` we leave it alone until `retry_at`; `half_open` tries it. */
export interface Destination {
  name: string;
  state: 'closed' | 'open' | 'half_open';
  since: string | null;
  retry_at: string | null;
  reason: string | null;
}

export type ReconcileKind = 'videos' | 'history' | 'stores';

export interface ReconcileRun {
  id: number;
  kind: ReconcileKind;
  started_at: string;
  ended_at: string;
  asked: number;
  found: number;
  error: JobError | null;
  report: unknown;
}

/** `received` came by themselves, `missed` had to be asked for; `rate` is the missed part of both, 0 to 1. */
export interface Missed {
  days: number;
  received: number;
  missed: number;
  rate: number | null;
}

export interface Reconcile {
  missed: Missed | null;
  runs: ReconcileRun[];
}
