import { describe, expect, it } from 'vitest';
import { routeOf } from '../src/lib/router.svelte.ts';
import { isSingle, opensPalette, Pressed, SHORTCUTS, setShortcuts, shortcutsOn } from '../src/lib/shortcuts.ts';

const key = (key: string, held: Partial<KeyboardEvent> = {}) => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  isComposing: false,
  ...held,
});

describe('keyboard shortcuts', () => {
  it('are all different, and none hides another', () => {
    const all = SHORTCUTS.map(({ keys }) => keys.join(' '));
    expect(new Set(all).size).toBe(all.length);
    for (const one of all) expect(all.filter((other) => other.startsWith(`${one} `))).toEqual([]);
  });

  it('lead to pages that there are', () => {
    for (const { to } of SHORTCUTS) {
      if (to !== null) expect(routeOf(new URL(to, 'http://localhost')).page).not.toBe('not-found');
    }
  });

  it('take one key, or two after each other without a long wait', () => {
    const pressed = new Pressed();
    const press = (key: string, at: number) => pressed.press(key, at, SHORTCUTS)?.name ?? null;
    expect(press('n', 0)).toBe('new');
    expect([press('g', 10), press('j', 500)]).toEqual([null, 'jobs']);
    expect([press('g', 1000), press('j', 9000)]).toEqual([null, 'next']);
    expect([press('g', 10_000), press('x', 10_100), press('b', 10_200)]).toEqual([null, null, null]);
  });

  it('leave what is held with other keys to the browser', () => {
    expect(isSingle(key('n'))).toBe(true);
    expect(isSingle(key('?', { shiftKey: true }))).toBe(true);
    for (const held of ['ctrlKey', 'metaKey', 'altKey', 'isComposing'])
      expect(isSingle(key('n', { [held]: true }))).toBe(false);
    expect(isSingle(key('Enter'))).toBe(false);
  });

  it('open the palette with Ctrl K or Command K alone', () => {
    expect(opensPalette(key('k', { ctrlKey: true }))).toBe(true);
    expect(opensPalette(key('K', { metaKey: true }))).toBe(true);
    expect(opensPalette(key('k'))).toBe(false);
    expect(opensPalette(key('k', { ctrlKey: true, shiftKey: true }))).toBe(false);
  });

  it('are on until they are switched off here', () => {
    const kept = new Map<string, string>();
    const store = {
      getItem: (name: string) => kept.get(name) ?? null,
      setItem: (name: string, value: string) => void kept.set(name, value),
      removeItem: (name: string) => void kept.delete(name),
    };
    expect(shortcutsOn(store)).toBe(true);
    setShortcuts(store, false);
    expect(shortcutsOn(store)).toBe(false);
    setShortcuts(store, true);
    expect(shortcutsOn(store)).toBe(true);
  });
});
