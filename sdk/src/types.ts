/** What the API says of a video, and what a client says of itself. Times are RFC 3339 in UTC. */

export type VideoState = 'requested' | 'rendering' | 'rendered' | 'archiving' | 'ready' | 'failed' | 'unarchived';

export interface StoredAsset {
  id: string;
  role: 'video' | 'poster' | 'captions' | 'gif' | 'captioned';
  url: string | null;
  content_type: string | null;
}

export interface Video {
  id: string;
  title: string | null;
  state: VideoState;
  /** It takes longer than 95 of 100 did. */
  late: boolean;
  failure: { by: 'heygen' | 'reelhook'; code: string | null; message: string | null } | null;
  /** Bytes copied so far, while archiving; only a stream tells them. */
  progress: { bytes: number; total: number | null } | null;
  eta_at: string | null;
  /** Where the file is. Pass the addresses through `client.media` before they are shown. */
  asset: { url: string; poster_url: string | null; bytes: number | null } | null;
  created_at: string;
  updated_at: string;
  /** All its files; only there once the video was read, and not merely heard of. */
  assets?: StoredAsset[];
}

/** What went wrong. */
export interface Problem {
  /** The API's own code, or `network`, `token`, `superseded`, `deleted`. */
  code: string;
  message: string;
  status?: number;
  /** Whether the client goes on by itself. If not, `client.retry()` makes it. */
  retry: boolean;
  /** The video it is about; without it, all of them. */
  videoId?: string;
}

/** `polling`: streams do not get through, so the videos are asked for while the page is looked at. */
export type Status = 'idle' | 'connecting' | 'live' | 'polling';

/** What `POST /api/v1/stream-tokens` answered to your backend, or the token alone. */
export type Token = string | { token: string; expires_at?: string };

export interface Options {
  /** Where Reelhook is: `https://reelhook.example.com`. */
  url: string;
  /** Asks your backend for a token, each time one is needed. */
  getToken: () => Token | Promise<Token>;
}

export type VideoListener = (video: Video) => void;
export type ProblemListener = (problem: Problem) => void;

export interface Client {
  /**
   * Follow one video or several. The listener is called with what is known at once, and with every change. Returns how to
   * stop. The first subscription opens the stream, all share it, and with the last it is closed.
   */
  subscribe(ids: string | readonly string[], listener: VideoListener, onProblem?: ProblemListener): () => void;
  /** What is known of a video that was subscribed to. */
  get(id: string): Video | undefined;
  /** An address of a video's file as `<video>`, `<img>` or a link can use it, until the token ends. */
  media(url: string): string;
  readonly status: Status;
  /** Called with every change of the status. Returns how to stop. */
  on(name: 'status', listener: (status: Status) => void): () => void;
  /** Called with every problem. Returns how to stop. */
  on(name: 'problem', listener: ProblemListener): () => void;
  /** Try everything at once that waits or was given up. */
  retry(): void;
  /** Stop, and forget all that was subscribed to. */
  close(): void;
}
