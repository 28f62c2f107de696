/** What a person changes of a video. */

import { query, request, segment } from '../api.ts';
import type { Video } from '../types.ts';

const one = (id: string) => `/videos/${segment(id)}`;

export const videoApi = {
  change: (id: string, change: { title?: string | null; subject?: string | null }) =>
    request<Video>('PATCH', one(id), change),
  /** Its stored files too; the server wants the id said twice. */
  remove: (id: string) => request<void>('DELETE', `${one(id)}${query({ confirm: id })}`),
};
