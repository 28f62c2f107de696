/**
 * The three sounds, as numbers: a two-note rise, a low single note, a soft tick. Each is a sum of sines that sets in
 * gently and dies away, so that nothing clicks; overtones let a phone's small speaker be heard as well.
 */

export type Tone = 'ready' | 'failed' | 'attention';

interface Note {
  /** Hertz. */
  pitch: number;
  /** Seconds. */
  at: number;
  rise: number;
  /** After this time a third is left. */
  fade: number;
  /** The strength of the note itself and of its overtones. */
  parts: readonly number[];
}

const SOFT = [1, 0.22, 0.06];
const LOW = [1, 0.5, 0.3, 0.1];

/** Seconds. */
export const LENGTH: Record<Tone, number> = { ready: 0.9, failed: 0.8, attention: 0.16 };

const NOTES: Record<Tone, readonly Note[]> = {
  ready: [
    { pitch: 587.33, at: 0, rise: 0.012, fade: 0.11, parts: SOFT },
    { pitch: 880, at: 0.15, rise: 0.012, fade: 0.17, parts: SOFT },
  ],
  failed: [{ pitch: 196, at: 0, rise: 0.03, fade: 0.18, parts: LOW }],
  attention: [{ pitch: 1046.5, at: 0, rise: 0.003, fade: 0.025, parts: SOFT }],
};

/** The loudest a sample may be: far from where a speaker distorts. */
const PEAK = 0.5;
/** The end goes to nothing within this time. */
const RELEASE_S = 0.03;

/** The samples of a sound, between -1 and 1. */
export function drawn(tone: Tone, rate: number): Float32Array<ArrayBuffer> {
  const samples = new Float32Array(Math.round(LENGTH[tone] * rate));
  for (const note of NOTES[tone]) add(samples, note, rate);
  let loudest = 0;
  for (const sample of samples) loudest = Math.max(loudest, Math.abs(sample));
  for (let i = 0; i < samples.length; i += 1) {
    const left = (samples.length - 1 - i) / rate;
    samples[i] = ((samples[i] ?? 0) / loudest) * PEAK * Math.min(1, left / RELEASE_S);
  }
  return samples;
}

function add(samples: Float32Array, { pitch, at, rise, fade, parts }: Note, rate: number): void {
  for (let i = Math.ceil(at * rate); i < samples.length; i += 1) {
    const t = i / rate - at;
    const envelope = Math.min(1, t / rise) * Math.exp(-t / fade);
    parts.forEach((strength, part) => {
      samples[i] = (samples[i] ?? 0) + envelope * strength * Math.sin(2 * Math.PI * pitch * (part + 1) * t);
    });
  }
}
