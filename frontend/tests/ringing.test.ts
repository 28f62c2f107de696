import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Notification } from '../src/lib/api/notifications.ts';
import type { Locks } from '../src/lib/lead.ts';
import { inOneTab } from '../src/lib/once.ts';
import { GATHER_MS, Ringing } from '../src/lib/ringing.ts';
import type { Tone } from '../src/lib/tones.ts';
import type { ToWorker } from '../src/worker/messages.ts';

function told(id: string, kind = 'ready', more: Partial<Notification> = {}): Notification {
  return {
    id,
    kind,
    severity: 'info',
    title: `Title of ${id}`,
    body: 'Body',
    url: '/videos/v',
    video_id: 'v',
    incident_id: null,
    created_at: '2026-11-26T20:00:00Z',
    seen_at: null,
    quiet: false,
    channels: ['in_app', 'sound', 'browser'],
    ...more,
  };
}

/** Locks that are taken or left, as `ifAvailable` asks. */
function fakeLocks(): Locks {
  const held = new Set<string>();
  const request = async (name: string, _: LockOptions, granted: LockGrantedCallback<unknown>) => {
    if (held.has(name)) return granted(null);
    held.add(name);
    try {
      return await granted({ name, mode: 'exclusive' });
    } finally {
      held.delete(name);
    }
  };
  return { request: request as LockManager['request'] };
}

/** What the server knows: who was first. */
function server() {
  const claimed = new Set<string>();
  return vi.fn(async (id: string) => !claimed.has(id) && claimed.add(id) !== undefined);
}

function tab({ claim = server(), locks = undefined as Locks | undefined, visible = true, plays = true } = {}) {
  const played: Tone[] = [];
  const shown: ToWorker[] = [];
  const ringing = new Ringing({
    once: (name, run) => inOneTab(locks, name, run),
    claim,
    mayPlay: () => plays,
    play: (tone) => played.push(tone),
    isVisible: () => visible,
    tellWorker: (message) => shown.push(message),
    device: 'device-1',
    setTimeout: (run, ms) => setTimeout(run, ms),
  });
  return { ringing, played, shown, claim };
}

const settled = () => vi.advanceTimersByTimeAsync(GATHER_MS);

beforeEach(() => {
  vi.useFakeTimers();
});

describe('a notification', () => {
  it.each([
    ['ready', 'ready'],
    ['failed', 'failed'],
    ['late', 'attention'],
    ['unarchived', 'attention'],
    ['incident', 'attention'],
    ['something new', 'attention'],
  ])('%s sounds as %s', async (kind, tone) => {
    const { ringing, played } = tab();
    ringing.heard(told('n1', kind));
    await settled();
    expect(played).toEqual([tone]);
  });

  it('sounds once when the stream brings it again', async () => {
    const { ringing, played, claim } = tab();
    ringing.heard(told('n1'));
    await settled();
    ringing.heard(told('n1'));
    await settled();
    expect(played).toEqual(['ready']);
    expect(claim).toHaveBeenCalledOnce();
  });

  it.each([
    ['in quiet hours', { quiet: true }],
    ['when it was seen elsewhere', { seen_at: '2026-11-26T20:00:01Z' }],
    ['when the person chose neither', { channels: ['in_app'] }],
  ])('does nothing %s', async (_, more) => {
    const { ringing, played, shown, claim } = tab({ visible: false });
    ringing.heard(told('n1', 'ready', more));
    await settled();
    expect([played, shown, claim.mock.calls]).toEqual([[], [], []]);
  });

  it('is not claimed by a page that cannot play: another device may', async () => {
    const { ringing, claim } = tab({ plays: false });
    ringing.heard(told('n1'));
    await settled();
    expect(claim).not.toHaveBeenCalled();
  });

  it('is given to the worker to show when nobody looks, and not when somebody does', async () => {
    const [hidden, visible] = [tab({ visible: false, plays: false }), tab()];
    for (const { ringing } of [hidden, visible]) ringing.heard(told('n1'));
    await settled();
    expect(visible.shown).toEqual([]);
    const said = { id: 'n1', title: 'Title of n1', body: 'Body', url: '/videos/v', kind: 'ready' };
    expect(hidden.shown).toEqual([{ kind: 'show', said, device: 'device-1' }]);
  });
});

describe('many', () => {
  it('at once are one sound, the gravest, and each is claimed', async () => {
    const { ringing, played, claim } = tab();
    for (const [id, kind] of [
      ['n1', 'ready'],
      ['n2', 'failed'],
      ['n3', 'late'],
    ] as const)
      ringing.heard(told(id, kind));
    await settled();
    expect(played).toEqual(['failed']);
    expect(claim).toHaveBeenCalledTimes(3);
  });

  it('tabs of a browser ask once, and one of them sounds and shows', async () => {
    const [claim, locks] = [server(), fakeLocks()];
    const tabs = Array.from({ length: 20 }, () => tab({ claim, locks, visible: false }));
    for (const { ringing } of tabs) ringing.heard(told('n1'));
    await settled();
    expect(tabs.flatMap(({ played }) => played)).toEqual(['ready']);
    expect(tabs.flatMap(({ shown }) => shown)).toHaveLength(1);
    expect(claim).toHaveBeenCalledOnce();
  });

  it('devices of a person sound once, also without locks', async () => {
    const claim = server();
    const devices = [tab({ claim }), tab({ claim })];
    for (const { ringing } of devices) ringing.heard(told('n1'));
    await settled();
    expect(devices.flatMap(({ played }) => played)).toEqual(['ready']);
  });
});

it('a trouble in one tab is told to who asked', async () => {
  await expect(inOneTab(fakeLocks(), 'x', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
});
