/** How long a script may take to say, and what that may cost: guesses, and shown as such. HeyGen decides. */

/** Ordinary speech: about 150 words a minute. Scripts without spaces say more with each character. */
const CHARACTERS_PER_S = 15;
const DENSE_PER_S = 4.5;
const DENSE = /[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]/gu;

/**
 * US dollars per second of video, pay-as-you-go, HeyGen's usual engine (Avatar IV), as its price list said in 2026
 * (developers.heygen.com/docs/pricing). Plans and contracts have other prices, and these may change.
 */
const USD_PER_S: Readonly<Record<string, { usual: number; '4k': number }>> = {
  photo_avatar: { usual: 0.05, '4k': 0.0667 },
  digital_twin: { usual: 0.0667, '4k': 0.0833 },
  studio_avatar: { usual: 0.0667, '4k': 0.0833 },
};

export interface Estimate {
  seconds: number;
  /** Null: nothing is known of what this kind of avatar costs. */
  usd: number | null;
}

/** Null while there is nothing to say. */
export function estimate(script: string, kind: string | null, resolution: string): Estimate | null {
  const text = script.trim();
  if (text === '') return null;
  const dense = text.match(DENSE)?.length ?? 0;
  const seconds = Math.max(1, Math.round(dense / DENSE_PER_S + ([...text].length - dense) / CHARACTERS_PER_S));
  const rate = kind === null ? undefined : USD_PER_S[kind];
  return { seconds, usd: rate === undefined ? null : seconds * rate[resolution === '4k' ? '4k' : 'usual'] };
}
