/** The player, once the video is ready. */

import type { Client, Video } from './types.ts';
import type { View } from './view.ts';
import type { Messages } from './words.ts';

/** Load the film, unless it is there already, or the builder shows it in another way. */
export function showFilm(
  { player, ready }: View,
  { state, asset, assets }: Video,
  client: Client,
  words: Messages,
): void {
  if (state !== 'ready' || !asset || ready.assignedNodes().length) return;
  const address = client.media(asset.url);
  const isOther = player.dataset.url !== asset.url;
  // The token that opened it may have ended: go on with the one of today.
  if (isOther || (player.error && player.getAttribute('src') !== address)) {
    const at = isOther ? 0 : player.currentTime;
    player.dataset.url = asset.url;
    player.poster = client.media(asset.poster_url ?? '');
    player.replaceChildren();
    player.src = address;
    player.currentTime = at;
  }
  const captions = assets?.find(({ role, content_type }) => role === 'captions' && /vtt/.test(`${content_type}`));
  if (!captions?.url || player.firstChild) return;
  const track = document.createElement('track');
  track.kind = 'captions';
  track.label = words.captions;
  track.src = client.media(captions.url);
  // Captions of another origin are read only when the film, too, is asked for as one that may be shared.
  player.crossOrigin = 'anonymous';
  player.append(track);
}
