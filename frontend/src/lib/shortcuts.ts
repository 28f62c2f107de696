/** Every keyboard shortcut, as data: what listens, and what the help sheet draws, come from here. */

import { DEAD } from './jobs.ts';
import { paths } from './router.svelte.ts';
import { SECTIONS } from './sections.ts';
import type { ShortcutName } from './words/keyboard.ts';

export interface Shortcut {
  /** One key after the other, as `KeyboardEvent.key` names them. */
  keys: readonly string[];
  name: ShortcutName;
  /** What it takes; null: nothing. */
  scope: string | null;
  /** The page it leads to; null: it does something on this one. */
  to: string | null;
}

function section(key: string, name: ShortcutName & keyof typeof SECTIONS): Shortcut {
  return { keys: ['g', key], name, scope: SECTIONS[name].scope, to: paths.section(name) };
}

export const SHORTCUTS: readonly Shortcut[] = [
  { keys: ['?'], name: 'help', scope: null, to: null },
  { keys: ['/'], name: 'search', scope: null, to: null },
  { keys: ['j'], name: 'next', scope: null, to: null },
  { keys: ['k'], name: 'previous', scope: null, to: null },
  { keys: ['n'], name: 'new', scope: 'videos:write', to: paths.new },
  { keys: ['g', 'b'], name: 'board', scope: null, to: paths.board() },
  { keys: ['g', 'j'], name: 'jobs', scope: 'jobs:read', to: paths.jobs(DEAD) },
  section('d', 'deliveries'),
  section('r', 'rejections'),
  section('i', 'incidents'),
  section('a', 'analytics'),
  section('s', 'heygen'),
  { keys: ['g', 'm'], name: 'account', scope: null, to: paths.account },
];

/** How long the second key may be waited for. */
const PATIENCE_MS = 1500;

/** What was pressed so far. */
export class Pressed {
  #first: { key: string; at: number } | null = null;

  /** The shortcut that *key* completes. The first key of two is remembered for a moment. */
  press(key: string, at: number, among: readonly Shortcut[]): Shortcut | null {
    const first = this.#first !== null && at - this.#first.at < PATIENCE_MS ? [this.#first.key] : [];
    this.#first = null;
    const found = among.find(({ keys }) => keys.join(' ') === [...first, key].join(' '));
    if (found !== undefined) return found;
    if (among.some(({ keys }) => keys.length > 1 && keys[0] === key)) this.#first = { key, at };
    return null;
  }
}

type Key = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey' | 'isComposing'>;

export function opensPalette({ key, ctrlKey, metaKey, altKey, shiftKey }: Key): boolean {
  return key.toLowerCase() === 'k' && ctrlKey !== metaKey && !altKey && !shiftKey;
}

/** Whether it is one key alone. Shift belongs to the sign itself: there is no other way to write a question mark. */
export function isSingle({ key, ctrlKey, metaKey, altKey, isComposing }: Key): boolean {
  return key.length === 1 && !ctrlKey && !metaKey && !altKey && !isComposing;
}

const OFF_KEY = 'reelhook.shortcuts';
type Store = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

/** Whether single keys do something on this device. Without a store they do. */
export function shortcutsOn(store: Store): boolean {
  try {
    return store.getItem(OFF_KEY) !== 'off';
  } catch {
    return true;
  }
}

export function setShortcuts(store: Store, on: boolean): void {
  if (on) store.removeItem(OFF_KEY);
  else store.setItem(OFF_KEY, 'off');
}
