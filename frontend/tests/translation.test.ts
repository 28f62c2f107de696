import { describe, expect, it } from 'vitest';
import type { Area, Catalogue } from '../src/lib/catalogue.ts';
import { number } from '../src/lib/text.ts';
import { language, pick, speak } from '../src/lib/translated.ts';

type Group = Record<string, unknown>;
const FILES = import.meta.glob<Group>(['../src/lib/words/*.ts', '../src/lib/words.ts', '../src/lib/job-words.ts'], {
  eager: true,
});
const AREAS = areas();

/** Every exported group of words, by its area. */
function areas(): [Area, Group][] {
  const exported = Object.values(FILES).flatMap((file) => Object.entries(file));
  return exported
    .filter(([name, value]) => name.toLowerCase().endsWith('words') && typeof value === 'object')
    .map(([name, value]) => [(name === 'words' ? 'app' : name.slice(0, -'Words'.length)) as Area, value as Group]);
}

/** A language of no country: every text between brackets, what functions say too. */
function pseudo(said: unknown, done = new Map<unknown, unknown>()): unknown {
  if (typeof said === 'string') return `⟦${said}⟧`;
  if (typeof said === 'function') return (...given: unknown[]) => pseudo(said(...given), done);
  if (typeof said !== 'object' || said === null) return said;
  if (done.has(said)) return done.get(said);
  const whole = Array.isArray(said) ? said.map((one) => pseudo(one, done)) : {};
  done.set(said, whole);
  if (!Array.isArray(said)) for (const [name, one] of Object.entries(said)) (whole as Group)[name] = pseudo(one, done);
  return whole;
}

function unmarked(said: unknown, path: string, seen = new Set<unknown>()): string[] {
  if (typeof said === 'string') return said.startsWith('⟦') ? [] : [path];
  if (typeof said !== 'object' || said === null || seen.has(said)) return [];
  seen.add(said);
  return Object.entries(said).flatMap(([name, one]) => unmarked(one, `${path}.${name}`, seen));
}

describe('a translation', () => {
  it('is chosen from the languages of the device, in their order', () => {
    expect(pick(['de-AT', 'fr'], ['de', 'fr'])).toBe('de');
    expect(pick(['pt-BR'], ['pt', 'pt-BR'])).toBe('pt-BR');
    expect(pick(['xx', 'fr'], ['fr'])).toBe('fr');
    expect(pick(['en-GB', 'de'], ['de'])).toBeNull();
    expect(pick(['ja'], [])).toBeNull();
  });

  it('reaches every word, also in objects that other files hold on to', () => {
    const before = AREAS.map(([, words]) => words);
    const catalogue = Object.fromEntries(AREAS.map(([area, words]) => [area, pseudo(words)]));
    const asked = FILES['../src/lib/words.ts'] as {
      words: { board: { again: string }; announce: Record<string, unknown> };
    };
    const held = asked.words.board;
    speak('de', catalogue as unknown as Catalogue);
    expect(AREAS.map(([, words]) => words)).toEqual(before);
    expect(AREAS.flatMap(([area, words]) => unmarked(words, area))).toEqual([]);
    expect(held.again).toBe('⟦Try again⟧');
    expect((asked.words.announce.ready as (title: string) => string)('Tour')).toBe('⟦Tour is ready.⟧');
  });

  it('brings its numbers', () => {
    expect(language()).toBe('de');
    expect(number(1_204)).toBe('1.204');
  });
});
