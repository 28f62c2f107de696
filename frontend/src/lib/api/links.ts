/** Links to stored files that open without signing in. */

import { request, segment } from '../api.ts';

/** `expires_at` is null where the store has a public address of its own, which does not end. */
export interface MediaLink {
  url: string;
  expires_at: string | null;
}

export function makeLink(videoId: string, ttlS: number): Promise<MediaLink> {
  return request<MediaLink>('POST', `/videos/${segment(videoId)}/links`, { ttl_s: ttlS });
}
