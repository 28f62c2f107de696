import { describe, expect, it } from 'vitest';
import { type ApiKey, overlaps, standing } from '../src/lib/api/keys.ts';

const NOW = Date.parse('2026-11-22T12:00:00Z');
const BEFORE = '2026-11-22T11:59:59Z';
const AFTER = '2026-11-22T12:00:01Z';

function aKey(over: Partial<ApiKey> = {}): ApiKey {
  return {
    id: 'k1',
    name: 'backend',
    prefix: 'abcd1234',
    role: 'operator',
    scopes: null,
    created_at: BEFORE,
    last_used_at: null,
    revoked_at: null,
    expires_at: null,
    rotated_at: null,
    previous_until: null,
    previous_used_at: null,
    ...over,
  };
}

describe('how a key stands', () => {
  it('is good until its time is over or somebody revokes it', () => {
    expect(standing(aKey(), NOW)).toBe('good');
    expect(standing(aKey({ expires_at: AFTER }), NOW)).toBe('good');
    expect(standing(aKey({ expires_at: BEFORE }), NOW)).toBe('expired');
    expect(standing(aKey({ expires_at: BEFORE, revoked_at: BEFORE }), NOW)).toBe('revoked');
  });

  it('has an old secret only as long as that works', () => {
    expect(overlaps(aKey(), NOW)).toBe(false);
    expect(overlaps(aKey({ previous_until: AFTER }), NOW)).toBe(true);
    expect(overlaps(aKey({ previous_until: BEFORE }), NOW)).toBe(false);
    expect(overlaps(aKey({ previous_until: AFTER, revoked_at: BEFORE }), NOW)).toBe(false);
  });
});
