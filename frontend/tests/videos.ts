/** Videos for tests: a plain one, with what the test is about on top. */

import type { Video } from '../src/lib/types.ts';

export function aVideo(over: Partial<Video> = {}): Video {
  return {
    id: '0193a000-0000-7000-8000-000000000001',
    heygen_video_id: 'hg-1',
    subject: null,
    title: 'Welcome',
    state: 'rendering',
    late: false,
    failure: null,
    progress: null,
    eta_at: null,
    link_expires_at: null,
    asset: null,
    created_at: '2026-11-22T10:00:00Z',
    updated_at: '2026-11-22T10:00:00Z',
    ...over,
  };
}
