/** How long a script may take to say, and what that may cost: guesses, and shown as such. HeyGen decides. */

/** Ordinary speech: about 150 words a minute. Scripts without spaces say more with each character. */
const CHARACTERS_PER_S = 15;
const DENSE_PER_S = 4.5;
const DENSE = /[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]/gu;

/**
 * US dollars per second of video in 720p or 1080p, pay-as-you-go, HeyGen's usual engine (Avatar IV), as its price list said
 * in 2026 (developers.heygen.com/docs/pricing). Plans and contracts have other prices, and these may change. For 4K, one
 * edition of the list names prices and another none.
 */
const USD_PER_S: Readonly<Record<string, number>> = {
  photo_avatar: 0.05,
  digital_twin: 0.0667,
  studio_avatar: 0.0667,
};

export interface Estimate {
  seconds: number;
  /** Null: nothing is known of what this kind of avatar costs, or what it costs in this resolution. */
  usd: number | null;
}

/** Null while there is nothing to say. */
export function estimate(script: string, kind: string | null, resolution: string): Estimate | null {
  const text = script.trim();
  if (text === '') return null;
  const dense = text.match(DENSE)?.length ?? 0;
  const seconds = Math.max(1, Math.round(dense / DENSE_PER_S + ([...text].length - dense) / CHARACTERS_PER_S));
  const rate = kind === null || resolution === '4k' ? undefined : USD_PER_S[kind];
  return { seconds, usd: rate === undefined ? null : seconds * rate };
}
