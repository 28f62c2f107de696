/** The keys that a browser's own player lacks. Space and the arrows it knows, also on each of its own controls. */

type Player = Pick<HTMLVideoElement, 'muted' | 'requestFullscreen'> & {
  textTracks: ArrayLike<Pick<TextTrack, 'mode'>>;
};
type Key = Pick<KeyboardEvent, 'key' | 'altKey' | 'ctrlKey' | 'metaKey'>;
type Screen = Pick<Document, 'fullscreenElement' | 'exitFullscreen'>;

/** Do what the key stands for. Returns whether it stands for anything. */
export function pressed(player: Player, { key, altKey, ctrlKey, metaKey }: Key, screen: Screen): boolean {
  if (altKey || ctrlKey || metaKey) return false;
  switch (key.toLowerCase()) {
    case 'm':
      player.muted = !player.muted;
      return true;
    case 'c':
      return toggleCaptions(player);
    case 'f':
      // A refusal (no leave, none in this frame) leaves things as they are.
      (screen.fullscreenElement === null ? player.requestFullscreen() : screen.exitFullscreen()).catch(() => undefined);
      return true;
    default:
      return false;
  }
}

function toggleCaptions({ textTracks }: Player): boolean {
  const track = textTracks[0];
  if (track === undefined) return false;
  track.mode = track.mode === 'showing' ? 'hidden' : 'showing';
  return true;
}
