import { describe, expect, it, vi } from 'vitest';
import type { Pushed, Said, ToPage } from '../src/worker/messages.ts';
import { Showing } from '../src/worker/showing.ts';
import { REMEMBERED, Shown } from '../src/worker/shown.ts';
import { FakeCaches } from './caches.ts';

const SAID: Pushed = {
  id: 'n1',
  title: 'Ready: Tour',
  body: 'It is kept.',
  url: '/videos/v1',
  kind: 'ready',
  badge: 3,
};
const DEVICE = 'device-1';

function setUp({ mustShow = false, mine = true, watched = 0 } = {}) {
  const shown = new Shown(new FakeCaches().storage);
  const heard: ToPage[] = [];
  const world = {
    wasShown: (id: string) => shown.has(id),
    remember: (id: string) => shown.add(id),
    show: vi.fn(async (_said: Said, _silent: boolean) => undefined),
    watched: async () => Array.from({ length: watched }, () => ({ postMessage: (one: ToPage) => heard.push(one) })),
    claim: vi.fn(async () => mine),
    badge: vi.fn(async () => undefined),
    mustShow,
  };
  return { world, heard, shown, showing: new Showing(world) };
}

describe('a push message', () => {
  it('is shown, and says how many are unseen', async () => {
    const { world, showing } = setUp();
    await showing.pushed(SAID);
    expect(world.show).toHaveBeenCalledExactlyOnceWith(SAID, false);
    expect(world.badge).toHaveBeenCalledWith(3);
  });

  it('is shown once, when it comes twice at once, and when the worker has rested between', async () => {
    const { world, showing } = setUp();
    await Promise.all([showing.pushed(SAID), showing.pushed(SAID)]);
    await new Showing(world).pushed(SAID);
    expect(world.show).toHaveBeenCalledOnce();
  });

  it('is told to the page that is looked at instead', async () => {
    const { world, heard, showing } = setUp({ watched: 1 });
    await showing.pushed(SAID);
    expect(world.show).not.toHaveBeenCalled();
    expect(heard).toEqual([{ kind: 'pushed', said: SAID }]);
  });

  it('is shown silently where a browser punishes a push that shows nothing', async () => {
    const { world, showing } = setUp({ watched: 1, mustShow: true });
    await showing.pushed(SAID);
    await showing.pushed(SAID);
    expect(world.show.mock.calls).toEqual([
      [SAID, true],
      [SAID, true],
    ]);
  });

  it('does not hold up the next one when it cannot be shown', async () => {
    const { world, showing } = setUp();
    world.show.mockRejectedValueOnce(new TypeError('no permission'));
    await expect(showing.pushed(SAID)).rejects.toThrow('no permission');
    await showing.pushed(SAID);
    expect(world.show).toHaveBeenCalledTimes(2);
  });
});

describe('what a page asks to show', () => {
  it('is shown when this device is the first, and not again when it is pushed', async () => {
    const { world, showing } = setUp();
    await showing.asked(SAID, DEVICE);
    await showing.asked(SAID, DEVICE);
    await showing.pushed(SAID);
    expect(world.show).toHaveBeenCalledExactlyOnceWith(SAID, false);
    expect(world.claim).toHaveBeenCalledExactlyOnceWith('n1', DEVICE);
  });

  it('is not shown when another device was first', async () => {
    const { world, showing } = setUp({ mine: false });
    await showing.asked(SAID, DEVICE);
    expect(world.show).not.toHaveBeenCalled();
  });

  it('is not even claimed while a page is looked at', async () => {
    const { world, showing } = setUp({ watched: 1 });
    await showing.asked(SAID, DEVICE);
    expect(world.claim).not.toHaveBeenCalled();
  });
});

it('only the newest are remembered', async () => {
  const { shown } = setUp();
  for (let i = 0; i <= REMEMBERED; i += 1) await shown.add(`n${i}`);
  expect([await shown.has('n0'), await shown.has('n1'), await shown.has(`n${REMEMBERED}`)]).toEqual([
    false,
    true,
    true,
  ]);
});
