/** The client of what makes videos: `POST /videos`, and `/heygen`, which says what they can be made of. */

import { postOnce, query, request } from '../api.ts';
import type { Video } from '../types.ts';

/** HeyGen's lists are read page by page, which may take many requests. */
const LIST_TIMEOUT_MS = 120_000;

export interface Choices {
  can_ask: boolean;
  /** Where HeyGen is asked. */
  base_url: string;
  /** The first is taken when a request names none. */
  stores: string[];
}

/** One look of an avatar. Its id is what a request calls `avatar_id`. */
export interface Look {
  id: string;
  name: string;
  kind: string | null;
  /** HeyGen's word; `completed`, or no word, can be used. */
  status: string | null;
  gender: string | null;
  orientation: string | null;
  group_id: string | null;
  default_voice_id: string | null;
}
export interface Voice {
  id: string;
  name: string;
  language: string | null;
  gender: string | null;
  own: boolean;
}
/** The first of all *matches*; not *complete* when HeyGen has more than Reelhook reads. */
export interface Found<T> {
  data: T[];
  matches: number;
  complete: boolean;
  as_of: string;
}
export type Voices = Found<Voice> & { languages: string[] };
export type Ownership = 'private' | 'public';

/** A video of the HeyGen account, and ours if it is here. */
export interface Earlier {
  heygen_video_id: string;
  title: string | null;
  status: 'waiting' | 'completed' | 'failed';
  created_at: string | null;
  duration_s: number | null;
  video_id: string | null;
}
export interface EarlierPage {
  data: Earlier[];
  next_cursor: string | null;
}

/** What `POST /videos` takes: a request to HeyGen, or the id of a video it has. */
export interface NewVideoBody {
  heygen?: Record<string, unknown>;
  heygen_video_id?: string;
  title?: string;
  subject?: string;
  store?: string;
}
/** *fresh*: it was made by this very request; else it was here already. */
export interface Made {
  video: Video;
  fresh: boolean;
}

export interface LookQuery {
  ownership: Ownership;
  q: string;
}
export interface VoiceQuery {
  q: string;
  language: string;
  gender: string;
}

export const newVideos = {
  choices: () => request<Choices>('GET', '/heygen'),
  looks: (which: LookQuery, refresh = false) =>
    request<Found<Look>>('GET', `/heygen/avatars${query({ ...which, ...asked(refresh) })}`, undefined, LIST_TIMEOUT_MS),
  voices: (which: VoiceQuery, refresh = false) =>
    request<Voices>('GET', `/heygen/voices${query({ ...which, ...asked(refresh) })}`, undefined, LIST_TIMEOUT_MS),
  earlier: (cursor: string | null) => request<EarlierPage>('GET', `/heygen/videos${query({ limit: 50, cursor })}`),
  create: async (body: NewVideoBody, key: string): Promise<Made> => {
    const { status, value } = await postOnce<Video>('/videos', body, key);
    return { video: value, fresh: status !== 200 };
  },
};

const asked = (refresh: boolean) => (refresh ? { refresh: true } : {});
