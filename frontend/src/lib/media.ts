/** The addresses of stored files, for what is done with them: playing with captions, and taking them away. */

import type { StoredAsset } from './types.ts';

const OURS = '/media/';
const HLS = 'application/vnd.apple.mpegurl';

/** Where the file at *url*, kept in *store*, is a download with a name. */
export function downloadUrl(url: string, store: string | null): string {
  if (url.startsWith(OURS)) return `${url}?download=1`;
  return store === 'cloudinary' ? url.replace('/upload/', '/upload/fl_attachment/') : url;
}

/** Where the video can be had in as many qualities as the line allows; null also where the browser cannot play that. */
export function streamUrl(assets: StoredAsset[], browser: Pick<HTMLVideoElement, 'canPlayType'>): string | null {
  const url = assets.find(({ role }) => role === 'video')?.stream_url ?? null;
  return browser.canPlayType(HLS) === '' ? null : url;
}

/**
 * Captions as a browser can show them, null where it cannot: only WebVTT, and only from this site. We say stored SubRip
 * in that form.
 */
export function trackUrl({ url, role, content_type }: StoredAsset): string | null {
  if (role !== 'captions' || url === null || !url.startsWith(OURS)) return null;
  if (content_type === 'text/vtt') return url;
  return content_type === 'application/x-subrip' ? `${url}?as=vtt` : null;
}
