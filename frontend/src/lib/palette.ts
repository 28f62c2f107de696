/** What the command palette offers, and in which order. */

import { DEAD } from './jobs.ts';
import { paths } from './router.svelte.ts';
import { SECTIONS, type SectionName } from './sections.ts';
import type { Video } from './types.ts';
import { keyboardWords } from './words/keyboard.ts';
import { words } from './words.ts';

export type ActName = keyof typeof keyboardWords.act;
export interface Entry {
  /** Stays the same, so that what was used lately is known again. */
  id: string;
  kind: 'page' | 'act' | 'video' | 'id';
  name: string;
  /** Where it leads, or what it does. */
  does: { to: string } | { act: ActName };
}

type May = (scope: string) => boolean;
const SCOPES: Partial<Record<ActName, string>> = {
  new: 'videos:write',
  reconcile: 'monitoring:write',
  dead: 'jobs:read',
};
const LEADS: Partial<Record<ActName, string>> = { new: paths.new, dead: paths.jobs(DEAD) };

/** All pages and acts that somebody may use; *acts* are those that make sense now. */
export function offered(may: May, acts: readonly ActName[]): Entry[] {
  const sections = (Object.keys(SECTIONS) as SectionName[]).filter((name) => may(SECTIONS[name].scope));
  return [
    page('board', words.pages.board, paths.board()),
    ...(may('jobs:read') ? [page('jobs', words.pages.jobs, paths.jobs(DEAD))] : []),
    ...sections.map((name) =>
      page(name, `${words.pages[SECTIONS[name].group]}: ${words.sections[name]}`, paths.section(name)),
    ),
    ...acts.filter((act) => may(SCOPES[act] ?? 'me')).map(actEntry),
  ];
}

function page(id: string, name: string, to: string): Entry {
  return { id: `page:${id}`, kind: 'page', name, does: { to } };
}

function actEntry(act: ActName): Entry {
  const to = LEADS[act];
  return { id: `act:${act}`, kind: 'act', name: keyboardWords.act[act], does: to === undefined ? { act } : { to } };
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** What a pasted id may be the id of. */
export function byId(text: string, may: May): Entry[] {
  const id = text.trim();
  if (!UUID.test(id)) return [];
  const said = keyboardWords.byId;
  const found: [string, string, string][] = [
    ['videos:read', said.video(id), paths.video(id)],
    ['events:read', said.event(id), paths.section('deliveries', id)],
    ['jobs:read', said.job(id), paths.job(id, DEAD)],
  ];
  return found
    .filter(([scope]) => may(scope))
    .map(([scope, name, to]) => ({ id: `id:${scope}`, kind: 'id', name, does: { to } }));
}

export function videoEntry(video: Video): Entry {
  return {
    id: `video:${video.id}`,
    kind: 'video',
    name: video.title ?? words.untitled,
    does: { to: paths.video(video.id) },
  };
}

/** Those that have every word of *text*, the best first; of equals, what was used lately, then as they came. */
export function ranked(entries: readonly Entry[], text: string, recent: readonly string[]): Entry[] {
  const parts = text.toLowerCase().split(/\s+/).filter(Boolean);
  return entries
    .map((entry, index) => ({
      entry,
      index,
      score: scoreOf(entry.name.toLowerCase(), parts),
      used: lately(entry, recent),
    }))
    .filter(({ score }) => score !== null)
    .sort((a, b) => (b.score ?? 0) - (a.score ?? 0) || a.used - b.used || a.index - b.index)
    .map(({ entry }) => entry);
}

/** A word at the beginning counts three, at the beginning of a word two, anywhere else one; null: one is missing. */
function scoreOf(name: string, parts: readonly string[]): number | null {
  let score = 0;
  for (const part of parts) {
    const at = name.indexOf(part);
    if (at < 0) return null;
    const beginsWord = name.split(/[^\p{L}\p{N}]+/u).some((word) => word.startsWith(part));
    score += at === 0 ? 3 : beginsWord ? 2 : 1;
  }
  return score;
}

function lately({ id }: Entry, recent: readonly string[]): number {
  const at = recent.indexOf(id);
  return at < 0 ? recent.length : at;
}

const RECENT_KEY = 'reelhook.palette';
const MOST_RECENT = 8;
type Store = Pick<Storage, 'getItem' | 'setItem'>;

/** The pages and acts that were used on this device, the last first. Never videos: their titles are other people's. */
export function recentOf(store: Store): string[] {
  try {
    const kept: unknown = JSON.parse(store.getItem(RECENT_KEY) ?? '[]');
    return Array.isArray(kept) ? kept.filter((one) => typeof one === 'string') : [];
  } catch {
    return [];
  }
}

export function remember(store: Store, { id, kind }: Entry): void {
  if (kind !== 'page' && kind !== 'act') return;
  const recent = [id, ...recentOf(store).filter((one) => one !== id)].slice(0, MOST_RECENT);
  try {
    store.setItem(RECENT_KEY, JSON.stringify(recent));
  } catch {
    // A browser that keeps nothing has no recent ones.
  }
}
