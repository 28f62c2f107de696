/** Small words about words. */

import { language } from './translated.ts';

/** "1 job", "12 jobs", "1,204 jobs". */
export function plural(count: number, one: string, many: string): string {
  return `${number(count)} ${count === 1 ? one : many}`;
}

export function number(count: number): string {
  return new Intl.NumberFormat(language()).format(count);
}

export function upperFirst(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** With a full stop, unless it ends in a sign of its own. */
export function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
