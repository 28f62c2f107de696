import { describe, expect, it } from 'vitest';
import { FAR_PX, Pull, scrollsUp } from '../src/lib/pull.ts';

function pulled(path: [number, number][], atTop = true) {
  const pull = new Pull();
  pull.begin(0, 0, atTop);
  const parts = path.map(([x, y]) => pull.move(x, y));
  return { parts, far: pull.end(), pull };
}

describe('pulling the page down', () => {
  it('reads anew when the finger went far enough', () => {
    const { parts, far } = pulled([
      [0, 5],
      [3, 54],
      [3, FAR_PX + 40],
    ]);
    expect(parts).toEqual([0, 0.5, 1]);
    expect(far).toBe(true);
  });

  it.each<[string, [number, number][]]>([
    ['too short', [[0, 60]]],
    [
      'back up again',
      [
        [0, 120],
        [0, 40],
      ],
    ],
    [
      'sideways first',
      [
        [40, 20],
        [40, 200],
      ],
    ],
    [
      'up first',
      [
        [0, -30],
        [0, 200],
      ],
    ],
  ])('does nothing when it went %s', (_, path) => {
    expect(pulled(path).far).toBe(false);
  });

  it('does nothing below the top, and after another finger came', () => {
    expect(pulled([[0, 200]], false).far).toBe(false);
    const { pull } = pulled([]);
    pull.begin(0, 0, true);
    pull.move(0, 200);
    pull.cancel();
    expect(pull.end()).toBe(false);
  });

  it('minds what scrolls inside the page', () => {
    const list = { scrollTop: 3, parentElement: null };
    expect(scrollsUp({ scrollTop: 0, parentElement: list } as unknown as Element)).toBe(true);
    expect(scrollsUp({ scrollTop: 0, parentElement: null } as unknown as Element)).toBe(false);
  });
});
