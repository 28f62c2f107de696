import { describe, expect, it } from 'vitest';
import { drawn, LENGTH, type Tone } from '../src/lib/tones.ts';

const RATE = 48_000;
const TONES: Tone[] = ['ready', 'failed', 'attention'];

const loudness = (samples: Float32Array) =>
  Math.sqrt(samples.reduce((sum, one) => sum + one * one, 0) / samples.length);
const peak = (samples: Float32Array) => samples.reduce((most, one) => Math.max(most, Math.abs(one)), 0);

/** How strong a pitch is between two moments (Goertzel). */
function strength(samples: Float32Array, hertz: number, from: number, to: number): number {
  let [re, im] = [0, 0];
  for (let i = Math.round(from * RATE); i < to * RATE; i += 1) {
    re += (samples[i] ?? 0) * Math.cos((2 * Math.PI * hertz * i) / RATE);
    im += (samples[i] ?? 0) * Math.sin((2 * Math.PI * hertz * i) / RATE);
  }
  return Math.hypot(re, im);
}

describe.each(TONES)('the sound %s', (tone) => {
  const samples = drawn(tone, RATE);

  it('lasts less than a second, is heard, and never comes near the loudest a speaker can do', () => {
    expect(samples.length / RATE).toBeCloseTo(LENGTH[tone], 3);
    expect(LENGTH[tone]).toBeLessThan(1);
    expect(loudness(samples)).toBeGreaterThan(0.05);
    expect(peak(samples)).toBeLessThanOrEqual(0.5);
    expect(samples.every(Number.isFinite)).toBe(true);
  });

  it('begins and ends in silence, and jumps nowhere', () => {
    expect(Math.abs(samples[0] ?? 1)).toBeLessThan(0.01);
    expect(samples.at(-1)).toBeCloseTo(0);
    const jumps = samples.map((one, i) => Math.abs(one - (samples[i - 1] ?? 0)));
    expect(peak(jumps)).toBeLessThan(0.15);
  });
});

it('ready rises, failed is low, and needs-you is the shortest', () => {
  const ready = drawn('ready', RATE);
  expect(strength(ready, 587.33, 0, 0.14)).toBeGreaterThan(5 * strength(ready, 880, 0, 0.14));
  expect(strength(ready, 880, 0.3, 0.6)).toBeGreaterThan(5 * strength(ready, 587.33, 0.3, 0.6));
  const failed = drawn('failed', RATE);
  expect(strength(failed, 196, 0, 0.5)).toBeGreaterThan(strength(failed, 392, 0, 0.5));
  expect(LENGTH.attention).toBeLessThan(0.2);
});
