import { describe, expect, it } from 'vitest';
import { ORDERS, SORTS, sortOf } from '../src/lib/board/order.ts';
import { aVideo } from './videos.ts';

const at = (minute: number) => `2026-11-22T10:${String(minute).padStart(2, '0')}:00Z`;
const all = [
  aVideo({ id: '1', title: 'bee', state: 'ready', created_at: at(1), updated_at: at(9) }),
  aVideo({ id: '2', title: 'Ant', state: 'rendering', created_at: at(2), updated_at: at(2) }),
  aVideo({ id: '3', title: null, state: 'failed', created_at: at(3), updated_at: at(3) }),
  aVideo({ id: '4', title: 'ant', state: 'requested', created_at: at(4), updated_at: at(4) }),
  aVideo({ id: '5', title: 'Zoë', state: 'ready', created_at: at(4), updated_at: at(4) }),
];

describe('the board in the order of', () => {
  it.each([
    ['newest', '54321'],
    ['changed', '15432'],
    ['title', '24153'],
    ['waiting', '24531'],
  ] as const)('%s', (sort, ids) => {
    const sorted = [...all].sort(ORDERS[sort]).map(({ id }) => id);
    expect(sorted.join('')).toBe(ids);
  });

  it('an unknown name is the newest', () => {
    expect(sortOf('toString')).toBe('newest');
    expect(SORTS.map(sortOf)).toEqual(SORTS);
  });
});
