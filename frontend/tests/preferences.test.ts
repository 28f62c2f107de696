import { describe, expect, it, vi } from 'vitest';
import { type Choice, KINDS, PERSONAL, type Preferences, type Wishes } from '../src/lib/api/preferences.ts';
import type { TellingSettings } from '../src/lib/api/telling.ts';
import { Problem } from '../src/lib/api.ts';
import { chosen, PreferencesDesk, unchosen, wished } from '../src/lib/preferences.svelte.ts';
import { isLocked, withCritical, withLock, withWay } from '../src/lib/telling.ts';

function preferences(more: Partial<Preferences> = {}): Preferences {
  const choice = (): Choice => ({ on: false, from: 'default', locked: false });
  const ways = () => Object.fromEntries(PERSONAL.map((way) => [way, choice()]));
  return {
    kinds: Object.fromEntries(KINDS.map((kind) => [kind, ways()])) as Preferences['kinds'],
    channels: Object.fromEntries(PERSONAL.map((way) => [way, { available: true, why: null }])) as never,
    mine: {},
    whose: 'mine',
    quiet_hours: null,
    digest: true,
    volume: 70,
    muted_videos: [],
    ...more,
  };
}

/** A server that answers when it is told to. */
function slow() {
  const asked: Wishes[] = [];
  const answers: { grant: (value: Preferences) => void; refuse: (why: Problem) => void }[] = [];
  const change = (wishes: Wishes) => {
    asked.push(wishes);
    return new Promise<Preferences>((grant, refuse) => answers.push({ grant, refuse }));
  };
  return { asked, answers, server: { read: async () => preferences(), change } };
}

describe('choices of a person', () => {
  it('are added and taken back by kind, and others stay', () => {
    const mine = chosen({ ready: { sound: true } }, 'failed', 'email', true);
    expect(mine).toEqual({ ready: { sound: true }, failed: { email: true } });
    expect(unchosen(mine, 'ready')).toEqual({ failed: { email: true } });
  });

  it('look granted at once, except where the team decides', () => {
    const now = preferences();
    now.kinds.ready.email = { on: false, from: 'workspace', locked: true };
    const then = wished(now, { mine: { ready: { email: true, sound: true } } });
    expect(then.kinds.ready.sound).toEqual({ on: true, from: 'mine', locked: false });
    expect(then.kinds.ready.email).toEqual({ on: false, from: 'workspace', locked: true });
    expect(now.kinds.ready.sound.on).toBe(false);
  });
});

describe('saving', () => {
  it('sends what is changed meanwhile together, after the answer', async () => {
    const { asked, answers, server } = slow();
    const desk = new PreferencesDesk(server);
    await desk.load();
    const done = desk.change({ volume: 10 });
    void desk.change({ volume: 20 });
    void desk.change({ digest: false });
    expect([desk.value?.volume, desk.value?.digest, desk.saving]).toEqual([20, false, 'saving']);
    answers[0]?.grant(preferences({ volume: 10 }));
    await vi.waitFor(() => expect(asked).toEqual([{ volume: 10 }, { volume: 20, digest: false }]));
    answers[1]?.grant(preferences({ volume: 20, digest: false }));
    await done;
    expect([desk.value?.volume, desk.value?.digest, desk.saving]).toEqual([20, false, 'saved']);
  });

  it('is undone with all that was wished meanwhile when it is refused', async () => {
    const { asked, answers, server } = slow();
    const desk = new PreferencesDesk(server);
    await desk.load();
    const done = desk.change({ volume: 10 });
    void desk.change({ digest: false });
    answers[0]?.refuse(new Problem(422, 'wrong_input', 'no'));
    await done;
    expect([desk.value?.volume, desk.value?.digest, desk.trouble?.code]).toEqual([70, true, 'wrong_input']);
    expect(asked).toHaveLength(1);
  });
});

describe('what holds for everybody', () => {
  const settings: TellingSettings = { kinds: { ready: { email: false } } as never, locked: {}, critical: [] };

  it('is changed by kind and way, locked and unlocked, and called critical', () => {
    expect(withWay(settings, 'ready', 'email', true).kinds.ready.email).toBe(true);
    const locked = withLock(withLock(settings, 'ready', 'email', true), 'ready', 'push', true);
    expect([isLocked(locked, 'ready', 'email'), isLocked(locked, 'ready', 'chat')]).toEqual([true, false]);
    expect(withLock(locked, 'ready', 'email', false).locked.ready).toEqual(['push']);
    const critical = withCritical(settings, 'incident', true);
    expect([critical.critical, withCritical(critical, 'incident', false).critical]).toEqual([['incident'], []]);
  });
});
