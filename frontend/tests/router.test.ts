import { describe, expect, it } from 'vitest';
import { EVERYTHING } from '../src/lib/board/query.ts';
import { DEAD } from '../src/lib/jobs.ts';
import { paths, routeOf, safeNext } from '../src/lib/router.svelte.ts';

const ORIGIN = 'https://reelhook.test';
const route = (path: string) => routeOf(new URL(path, ORIGIN));

describe('addresses', () => {
  it('lead to pages', () => {
    expect(route('/')).toEqual({ page: 'board', query: EVERYTHING });
    expect(route('/?show=ready&q=tea')).toEqual({ page: 'board', query: { ...EVERYTHING, show: 'ready', q: 'tea' } });
    expect(route('/videos/a%20b/')).toEqual({ page: 'video', id: 'a b' });
    expect(route('/videos/%E0%A4')).toEqual({ page: 'video', id: '%E0%A4' });
    expect(route('/videos/a/b').page).toBe('not-found');
  });

  it('lead to every list of jobs and to every job', () => {
    expect(route('/jobs')).toEqual({ page: 'jobs', id: null, filter: DEAD });
    expect(route('/jobs/')).toEqual({ page: 'jobs', id: null, filter: DEAD });
    const filter = { view: 'discarded', kind: 'prune', code: 'x', videoId: 'v' } as const;
    expect(route('/jobs?state=discarded&kind=prune&code=x&video_id=v')).toEqual({ page: 'jobs', id: null, filter });
    expect(route(paths.jobs(filter))).toEqual({ page: 'jobs', id: null, filter });
    expect(route(paths.job('a/b', filter))).toEqual({ page: 'jobs', id: 'a/b', filter });
    expect(route('/jobs/a/b').page).toBe('not-found');
    expect(route('/jobsy').page).toBe('not-found');
  });

  it('lead to sections and to what is in them', () => {
    const section = route('/front-door/rejections/a%20b?reason=x');
    expect(section).toMatchObject({ page: 'section', name: 'rejections', id: 'a b' });
    expect(section.page === 'section' && section.query.get('reason')).toBe('x');
    expect(route(paths.section('keys'))).toMatchObject({ page: 'section', name: 'keys', id: null });
    expect(route(paths.section('audit', null, { actor: 'a&b' }))).toMatchObject({ name: 'audit' });
    expect(route('/settings/rejections').page).toBe('not-found');
    expect(route('/settings').page).toBe('not-found');
    expect(route(paths.account)).toMatchObject({ page: 'section', name: 'profile' });
  });

  it('are made as they are read', () => {
    const query = {
      show: 'attention',
      q: 'a&b',
      sort: 'title',
      grouped: true,
      late: true,
      mine: true,
      subject: 'ü',
    } as const;
    expect(route(paths.board(query))).toEqual({ page: 'board', query });
    expect(paths.board()).toBe('/');
    expect(route(paths.video('a/b'))).toEqual({ page: 'video', id: 'a/b' });
    expect(route(paths.signIn('/videos/1?x=2', true))).toEqual({
      page: 'sign-in',
      next: '/videos/1?x=2',
      expired: true,
    });
  });
});

describe('the page to return to', () => {
  it.each([
    ['/videos/1', '/videos/1'],
    [null, '/'],
    ['https://elsewhere.test/', '/'],
    ['//elsewhere.test/', '/'],
    ['/\\elsewhere.test', '/'],
    ['/sign-in?next=/sign-in', '/'],
    ['javascript:alert(1)', '/'],
  ])('of %s is %s', (next, safe) => expect(safeNext(next, ORIGIN)).toBe(safe));
});
