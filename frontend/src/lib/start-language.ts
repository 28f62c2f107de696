/** Which translation is loaded before the app is shown: none, when the device speaks English or nothing we have. */

import type { Catalogue } from './catalogue.ts';
import { pick, speak } from './translated.ts';

const FILES = import.meta.glob<{ default: Catalogue }>('../translations/*.ts');
const RIGHT_TO_LEFT = new Set(['ar', 'dv', 'fa', 'he', 'ku', 'ps', 'ur', 'yi']);

export async function startLanguage(root: HTMLElement, wanted: readonly string[]): Promise<void> {
  const path = (language: string) => `../translations/${language}.ts`;
  const offered = Object.keys(FILES).map((file) => file.replace(/^.*\/(.+)\.ts$/, '$1'));
  const language = pick(wanted, offered);
  const load = language === null ? undefined : FILES[path(language)];
  if (language === null || load === undefined) return;
  try {
    speak(language, (await load()).default);
  } catch {
    return; // English is better than nothing
  }
  root.lang = language;
  root.dir = RIGHT_TO_LEFT.has(language.split('-')[0] ?? '') ? 'rtl' : 'ltr';
}
