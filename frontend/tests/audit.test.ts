import { describe, expect, it } from 'vitest';
import { type AuditEntry, exportUrl } from '../src/lib/api/audit.ts';
import {
  actorName,
  auditFilterOf,
  auditPath,
  auditQuery,
  byDay,
  details,
  isNarrowed,
  targetOf,
} from '../src/lib/audit.ts';
import { AuditList } from '../src/lib/audit-list.svelte.ts';
import { auditWords } from '../src/lib/words/audit.ts';

const of = (search: string) => auditFilterOf(new URLSearchParams(search));
const entry = (part: Partial<AuditEntry> = {}): AuditEntry => ({
  id: 1,
  at: '2026-11-22T12:00:00.000Z',
  actor: 'person:p1',
  action: 'video.create',
  target: 'v1',
  remote: null,
  data: {},
  ...part,
});

describe('the filter', () => {
  it('is in the address, and only what was chosen', () => {
    expect(auditPath(of(''))).toBe('/settings/audit');
    const path = auditPath(of('q=a%26b&actor=key:&since=2026-11-20&other=1'));
    expect(path).toBe('/settings/audit?q=a%26b&actor=key%3A&since=2026-11-20');
    expect(isNarrowed(of('other=1'))).toBe(false);
    expect(isNarrowed(of('target=v1'))).toBe(true);
  });

  it('takes no day that is none', () => {
    expect(of('since=2026-13-40&until=yesterday')).toMatchObject({ since: '', until: '' });
  });

  it('means whole days of the own calendar', () => {
    const { since = '', until = '' } = auditQuery(of('since=2026-11-20&until=2026-11-20'));
    expect(Date.parse(until) - Date.parse(since)).toBe(24 * 3_600_000);
    expect(new Date(since).getHours()).toBe(0);
    expect(exportUrl(auditQuery(of('q=x')), 'csv')).toBe('/api/v1/audit/export?q=x&format=csv');
  });
});

describe('an entry', () => {
  it('names who it was as well as it can', () => {
    expect(actorName(entry({ actor_name: 'ada@example.com' }))).toBe('ada@example.com');
    expect(actorName(entry({ data: { actor_name: 'backend' } }))).toBe('backend');
    expect(actorName(entry())).toBe('person:p1');
    expect(actorName(entry({ actor: 'local:local', actor_name: 'local' }))).toBe(auditWords.actors['local:local']);
  });

  it('leads to what it was done to, if that has a page', () => {
    expect(targetOf(entry())).toEqual({ name: 'v1', page: '/videos/v1' });
    expect(targetOf(entry({ action: 'video.delete' }))?.page).toBeNull();
    expect(targetOf(entry({ action: 'job.retry', target: 'j/1' }))?.page).toBe('/jobs/j%2F1');
    expect(targetOf(entry({ action: 'person.role', target: 'p2', target_name: 'bo@example.com' }))?.name).toBe(
      'bo@example.com',
    );
    expect(targetOf(entry({ target: null }))).toBeNull();
  });

  it('says the rest, and nothing twice', () => {
    const data = { actor_name: 'a', name: 'backend', with_key: true, scopes: null, role: 'viewer' };
    expect(details(entry({ action: 'key.create', data }))).toEqual([
      ['with key', 'true'],
      ['role', 'viewer'],
    ]);
  });

  it('stands under its day', () => {
    const days = byDay([entry({ id: 3 }), entry({ id: 2 }), entry({ id: 1, at: '2026-11-21T12:00:00.000Z' })], (at) =>
      at.slice(0, 10),
    );
    expect(days.map(({ day, entries }) => [day, entries.length])).toEqual([
      ['2026-11-22', 2],
      ['2026-11-21', 1],
    ]);
  });

  it('of an unknown action is read out as it is written', () => {
    expect(auditWords.action('thing.was_done')).toBe('thing was done');
  });
});

describe('the list', () => {
  it('goes on where it ended, and keeps what it has when it cannot', async () => {
    const asked: (string | null)[] = [];
    const list = new AuditList(of(''), async (_, cursor = null) => {
      asked.push(cursor);
      if (asked.length === 3) throw new Error('away');
      return { data: [entry({ id: 9 - asked.length })], next_cursor: 'more' };
    });
    await list.load();
    await list.older();
    expect(list.entries.map(({ id }) => id)).toEqual([8, 7]);
    await list.older();
    expect(asked).toEqual([null, 'more', 'more']);
    expect(list.entries).toHaveLength(2);
    expect(list.problem?.code).toBe('unexpected');
  });
});
