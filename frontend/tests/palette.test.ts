import { describe, expect, it } from 'vitest';
import { byId, offered, ranked, recentOf, remember } from '../src/lib/palette.ts';

const all = () => true;
const ID = '0192c000-0000-7000-8000-000000000001';
const names = (text: string, recent: string[] = []) =>
  ranked(offered(all, ['new', 'signOut']), text, recent).map(({ name }) => name);

function store(kept: string | null = null) {
  const values = new Map(kept === null ? [] : [['reelhook.palette', kept]]);
  return {
    getItem: (name: string) => values.get(name) ?? null,
    setItem: (name: string, value: string) => void values.set(name, value),
  };
}

describe('the command palette', () => {
  it('offers only what somebody may see', () => {
    const viewer = offered((scope) => scope === 'me', ['new', 'reconcile', 'signOut']).map(({ id }) => id);
    expect(viewer).toEqual(['page:board', 'page:profile', 'page:notifications', 'act:signOut']);
  });

  it('finds by every word, and a beginning before a middle', () => {
    expect(names('jo')[0]).toBe('Jobs');
    expect(names('settings keys')).toEqual(['Settings: API keys']);
    expect(names('door rej')).toEqual(['Front door: Rejections']);
    expect(names('nothing of the sort')).toEqual([]);
  });

  it('puts what was used lately first among equals', () => {
    expect(names('')[0]).toBe('Board');
    expect(names('', ['act:signOut', 'page:keys']).slice(0, 3)).toEqual(['Sign out', 'Settings: API keys', 'Board']);
  });

  it('knows a pasted id, of whatever the person may open', () => {
    expect(byId(` ${ID} `, all).map(({ does }) => does)).toEqual([
      { to: `/videos/${ID}` },
      { to: `/front-door/deliveries/${ID}` },
      { to: `/jobs/${ID}` },
    ]);
    expect(byId(ID, (scope) => scope === 'videos:read')).toHaveLength(1);
    expect(byId('0192c000', all)).toEqual([]);
  });

  it('remembers pages and acts, and no video', () => {
    const kept = store();
    for (const entry of offered(all, ['new'])) remember(kept, entry);
    remember(kept, { id: 'video:1', kind: 'video', name: 'Secret', does: { to: '/' } });
    expect(recentOf(kept)[0]).toBe('act:new');
    expect(recentOf(kept)).toHaveLength(8);
    expect(recentOf(store('{"a'))).toEqual([]);
    expect(recentOf(store('[1, "page:jobs"]'))).toEqual(['page:jobs']);
  });
});
