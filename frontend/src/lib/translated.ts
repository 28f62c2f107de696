/**
 * The language of the app. English is in the code, split by area; a translation is one file in `src/translations/` that is
 * laid over it before anything is shown, and over areas that are loaded later as they come.
 */

import type { Area, Catalogue } from './catalogue.ts';

type Words = Record<string, unknown>;
interface Chosen {
  language: string;
  catalogue: Catalogue;
}

const known = new Map<Area, Words>();
let chosen: Chosen | null = null;

/** The tag of the language that is spoken, such as `en` or `pt-BR`. */
export function language(): string {
  return chosen?.language ?? 'en';
}

/** Each file of words calls it once, with what it exports: this is what a translation is laid over. */
export function translated(area: Area, words: object): void {
  known.set(area, words as Words);
  if (chosen !== null) lay(chosen.catalogue[area] as Words, words as Words);
}

/** Speak *language* from now on. What was put on the screen before stays as it is. */
export function speak(language: string, catalogue: Catalogue): void {
  chosen = { language, catalogue };
  for (const [area, words] of known) lay(catalogue[area] as Words, words);
}

/** The first of the *wanted* languages that there is: exactly, or without its region. Null: English. */
export function pick(wanted: readonly string[], offered: readonly string[]): string | null {
  for (const tag of wanted) {
    const [base = ''] = tag.split('-');
    const found = [tag, base].find((one) => offered.includes(one));
    if (found !== undefined) return found;
    if (base === 'en') return null;
  }
  return null;
}

/** In place, for other files hold on to the same objects. */
function lay(over: Words, words: Words): void {
  for (const [name, said] of Object.entries(over)) {
    const now = words[name];
    if (isGroup(said) && isGroup(now)) lay(said, now);
    else words[name] = said;
  }
}

function isGroup(value: unknown): value is Words {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
