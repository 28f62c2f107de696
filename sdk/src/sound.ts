/** Two notes up when a video is ready, one low note when it failed. Silent until the person has touched the page. */

let audio: AudioContext | undefined;
const rung = new Set<string>();

/** Browsers let a page sound only after a gesture, so wait for one. */
export function awaitGesture(): void {
  for (const gesture of ['pointerup', 'keydown']) addEventListener(gesture, unlock, { once: true });
}

function unlock(): void {
  audio ??= new AudioContext();
  audio.resume();
}

/** Sound two notes (in Hz) once for `what`, however many elements show it. */
export function ring(what: string, first: number, second: number): void {
  if (!audio || rung.has(what)) return;
  rung.add(what);
  const at = audio.currentTime;
  const tone = audio.createOscillator();
  const volume = audio.createGain();
  tone.frequency.setValueAtTime(first, at);
  tone.frequency.setValueAtTime(second, at + 0.2);
  volume.gain.setValueAtTime(0.15, at);
  volume.gain.exponentialRampToValueAtTime(0.001, at + 0.7);
  tone.connect(volume).connect(audio.destination);
  tone.start();
  tone.stop(at + 0.7);
}
