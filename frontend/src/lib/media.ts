/** The addresses of stored files, for what is done with them: playing with captions, and taking them away. */

import type { StoredAsset } from './types.ts';

const OURS = '/media/';
const CLOUDINARY = 'https://res.cloudinary.com/';

/** Where the file is a download, with a name; elsewhere than with us or Cloudinary that is up to the browser. */
export function downloadUrl(url: string): string {
  if (url.startsWith(OURS)) return `${url}?download=1`;
  return url.startsWith(CLOUDINARY) ? url.replace('/upload/', '/upload/fl_attachment/') : url;
}

/** Where Cloudinary streams the video in as many qualities as the line allows (HLS); null for a file elsewhere. */
export function streamUrl(url: string): string | null {
  if (!url.startsWith(CLOUDINARY) || !url.includes('/video/upload/v')) return null;
  return url.replace('/upload/', '/upload/sp_auto/').replace(/\.\w+$/, '.m3u8');
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
