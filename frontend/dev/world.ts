/** Invented videos that move as real ones do, only faster. Nothing here is shipped. */

import type { Counts, InboxEventDetail, TimelineEntry, Video, VideoState } from '../src/lib/types.ts';

const TITLES = [
  'Welcome to the spring collection',
  'Onboarding, part 2: your first invoice',
  'Quarterly results in ninety seconds',
  'How to descale the espresso machine',
  'Safety briefing, warehouse B',
  'Bonjour Camille, votre dossier est prêt',
  'Product tour: the new scheduler',
  'Apology for the outage of 14 November',
  'Release notes 4.2',
  'Recruiting: life in the Lisbon office',
  'A personal hello for Dr. Okonkwo',
  'Course 7, lesson 3: reading a balance sheet, from the first line to the last, with worked examples',
];
const SUBJECTS = ['acme-corp', 'user_8841', 'lena@example.com', null, 'tenant-12'];
const HEX = '9f2c4e7ab01d5f3368c2e0a47b19d86ef5307ac42b9e1d6f80a3c75e214bd90f';
const MB = 1_000_000;

export type Send = (event: string, data: unknown, id?: number) => void;

export class World {
  head = 1000;
  videos: Video[] = [];
  timelines = new Map<string, TimelineEntry[]>();
  readonly listeners = new Set<Send>();
  readonly #replays = new Map<string, Partial<InboxEventDetail>>();
  #count = 0;

  constructor(private readonly clock: () => number = Date.now) {
    this.#fill();
  }

  counts(): Counts {
    const counts: Counts = {
      requested: 0,
      rendering: 0,
      rendered: 0,
      archiving: 0,
      ready: 0,
      failed: 0,
      unarchived: 0,
    };
    for (const { state } of this.videos) counts[state] += 1;
    return counts;
  }

  find(id: string): Video | undefined {
    return this.videos.find((video) => video.id === id);
  }

  /** One change, told to every open stream. */
  change(video: Video, patch: Partial<Video>): void {
    const before = video.state;
    Object.assign(video, patch, { updated_at: this.#at() });
    if (patch.state !== undefined && patch.state !== before) this.#tell(video, this.clock());
    this.head += 1;
    for (const send of this.listeners) send('video.updated', { video }, this.head);
  }

  progress(video: Video): void {
    const { bytes, total } = video.progress ?? { bytes: 0, total: null };
    const next = { bytes: Math.min(bytes + 2.9 * MB, total ?? Number.POSITIVE_INFINITY), total };
    video.progress = next;
    for (const send of this.listeners) send('video.progress', { video_id: video.id, ...next });
  }

  request(): Video {
    const video = this.#make('requested', 0);
    this.videos.unshift(video);
    this.change(video, {});
    return video;
  }

  /** What one beat of time does. */
  step(): void {
    for (const video of this.videos.slice(0, 40)) {
      if (video.state === 'archiving') {
        this.progress(video);
        if (video.progress?.bytes === video.progress?.total) this.change(video, this.ready(video));
      } else if (Math.random() < 0.06) {
        if (video.state === 'requested') this.change(video, { state: 'rendering', eta_at: this.#at(190_000) });
        else if (video.state === 'rendering') this.change(video, { state: 'rendered', eta_at: null, late: false });
        else if (video.state === 'rendered')
          this.change(video, { state: 'archiving', progress: { bytes: 0, total: 54 * MB } });
      }
    }
    const running = this.videos.filter(({ state }) => !['ready', 'failed', 'unarchived'].includes(state)).length;
    if (running < 5 && Math.random() < 0.2) this.request();
  }

  ready(video: Video): Partial<Video> {
    return { state: 'ready', progress: null, eta_at: null, late: false, asset: this.#asset(this.#seedOf(video)) };
  }

  events(videoId: string): InboxEventDetail[] {
    const video = this.find(videoId);
    if (video === undefined || video.heygen_video_id === null) return [];
    const body = JSON.stringify({
      event_type: 'avatar_video.success',
      event_data: {
        video_id: video.heygen_video_id,
        url: 'https://files.example/expiring.mp4?sig=abc',
        callback_id: video.id,
      },
    });
    const base = { resource_id: video.heygen_video_id, video_id: video.id, event_id: `evt_${video.id.slice(-6)}` };
    const at = video.updated_at;
    const delivered = [{ at, remote: '198.51.100.24', signature: 'valid, key 1', duplicate: false }];
    const headers: [string, string][] = [
      ['content-type', 'application/json'],
      ['signature', '4f9a…c210'],
      ['user-agent', 'HeyGen-Webhook/1.0'],
    ];
    const success: InboxEventDetail = {
      ...base,
      id: `${video.id}-1`,
      type: 'avatar_video.success',
      source: 'webhook',
      state: 'applied',
      verdict: 'applied',
      received_at: at,
      applied_at: at,
      duplicates: 2,
      bytes: body.length,
      body,
      headers,
      attempts: [...delivered, ...delivered.map((attempt) => ({ ...attempt, duplicate: true }))],
    };
    const gif = {
      ...success,
      id: `${video.id}-2`,
      type: 'avatar_video_gif.success',
      duplicates: 0,
      attempts: delivered,
    };
    const late: InboxEventDetail = {
      ...success,
      id: `${video.id}-3`,
      source: 'reconcile',
      state: 'ignored',
      verdict: 'already known',
      duplicates: 0,
    };
    return [late, gif, success].map((event) => ({ ...event, ...this.#replays.get(event.id) }));
  }

  /** Applied again: seen at once, and done after a moment. */
  replay(event: InboxEventDetail): InboxEventDetail {
    const replays = (this.#replays.get(event.id)?.replays ?? 0) + 1;
    this.#replays.set(event.id, { replays, replayed_at: this.#at(), state: 'pending', verdict: null });
    setTimeout(() => this.#replays.set(event.id, { replays, replayed_at: this.#at() }), 1_500);
    return { ...event, ...this.#replays.get(event.id) };
  }

  #fill(): void {
    const states: VideoState[] = [
      'rendering',
      'archiving',
      'ready',
      'requested',
      'rendering',
      'failed',
      'ready',
      'unarchived',
    ];
    for (let index = 0; index < 132; index += 1) {
      const video = this.#make(states[index] ?? (index % 37 === 0 ? 'failed' : 'ready'), index);
      this.videos.push(video);
    }
    const [first, second, , , fifth, sixth] = this.videos;
    if (first) first.eta_at = this.#at(185_000);
    if (second) second.progress = { bytes: 12.4 * MB, total: 54 * MB };
    if (fifth) Object.assign(fifth, { late: true, eta_at: null });
    if (sixth) sixth.failure = { by: 'heygen', code: 'insufficient_credit', message: 'Not enough credit' };
  }

  #make(state: VideoState, index: number): Video {
    const seed = this.#count++;
    const age = index < 8 ? index * 190_000 + 20_000 : index * 2_700_000;
    const id = `0193${(0xfffff - (state === 'requested' && index === 0 ? -seed : index)).toString(16)}-7a10-8c3e-${String(seed).padStart(12, '0')}`;
    const video: Video = {
      id,
      heygen_video_id: state === 'requested' ? null : `b7d1e0${(0xabc000 + seed).toString(16)}4f2a`,
      subject: SUBJECTS[seed % SUBJECTS.length] ?? null,
      title: seed % 17 === 13 ? null : (TITLES[seed % TITLES.length] ?? null),
      state,
      late: false,
      failure:
        state === 'failed'
          ? { by: 'reelhook', code: 'render_timeout', message: 'Nothing came from HeyGen for 24 hours' }
          : null,
      progress: null,
      eta_at: null,
      link_expires_at: null,
      asset: state === 'ready' ? this.#asset(seed) : null,
      created_at: this.#at(-age),
      updated_at: this.#at(-age + Math.min(age, 150_000)),
      duration: state === 'ready' ? 31 + ((seed * 37) % 240) : null,
    };
    this.#history(video, age);
    return video;
  }

  #asset(seed: number): NonNullable<Video['asset']> {
    const url = `/mock-media/${seed}`;
    return {
      url: `${url}/video.mp4`,
      poster_url: `${url}/poster.svg`,
      bytes: 54_213_877 + seed * 91_003,
      sha256: HEX,
      store: 'local',
    };
  }

  #seedOf(video: Video): number {
    return Number(video.id.slice(-12));
  }

  #history(video: Video, age: number): void {
    const way: VideoState[] = ['requested', 'rendering', 'rendered', 'archiving', 'ready'];
    const last = way.indexOf(video.state);
    const until = video.state === 'failed' ? 1 : video.state === 'unarchived' ? 3 : last;
    const begin = this.clock() - age;
    const steps = [0, 4_000, 96_000, 96_400, 118_000];
    for (let index = 0; index <= until; index += 1) {
      this.#tell({ ...video, state: way[index] as VideoState }, begin + Math.min(age, steps[index] ?? 0));
    }
    if (video.state === 'unarchived')
      this.#note(video, 'attempt_failed', 'Attempt 5 of 5 failed: the store answered 503.', begin + 110_000);
    if (until !== last) this.#tell(video, begin + Math.min(age, 120_000));
    if (video.state === 'ready') this.#note(video, 'asset', 'Captions kept (local).', begin + 119_000);
    if (video.state === 'ready') this.#note(video, 'seen', 'Seen in 2 browsers', begin + 140_000);
  }

  #tell(video: Video, at: number): void {
    const say: Record<VideoState, string> = {
      requested: 'Requested by lena@example.com.',
      rendering: 'HeyGen began to render.',
      rendered: 'HeyGen finished: avatar_video.success by webhook.',
      archiving: 'Archiving to local began.',
      ready: 'Kept and checked: 54.2 MB, length and digest agree.',
      failed:
        video.failure?.by === 'heygen'
          ? 'HeyGen refused: not enough credit.'
          : 'Reelhook gave up: nothing came from HeyGen.',
      unarchived: 'All attempts are used. Needs a person.',
    };
    this.#note(video, video.state, say[video.state], at, video.state);
  }

  #note(video: Video, kind: string, message: string, at: number, state: VideoState | null = null): void {
    const entries = this.timelines.get(video.id) ?? [];
    entries.push({
      id: `${video.id}.${entries.length}`,
      at: new Date(at).toISOString(),
      kind,
      state,
      message,
      data: {},
    });
    this.timelines.set(video.id, entries);
  }

  #at(offset = 0): string {
    return new Date(this.clock() + offset).toISOString();
  }
}
