import { describe, expect, it } from 'vitest';
import { readBatch, template } from '../src/lib/new/batch.ts';
import { Kept } from '../src/lib/new/device.ts';
import { draftOf, newDraft, sealed } from '../src/lib/new/draft.ts';
import { estimate } from '../src/lib/new/estimate.ts';
import { bodyOf, EMPTY, faultsOf, isFine, type NewFields, refusedFields } from '../src/lib/new/fields.ts';
import { trackedIn } from '../src/lib/new/tracking.ts';

const STORES = ['local', 'cloudinary'];
const some = (over: Partial<NewFields> = {}): NewFields => ({ ...EMPTY, avatar_id: 'anna', script: 'Hello.', ...over });

describe('the rules of a new video', () => {
  it.each<[Partial<NewFields>, object]>([
    [{}, {}],
    [
      { script: ' \n', avatar_id: ' ' },
      { avatar_id: 'needed', script: 'needed' },
    ],
    [{ script: 'x'.repeat(5000) }, {}],
    [{ script: '🎬'.repeat(5000) }, {}],
    [
      { script: 'x'.repeat(5001), title: 't'.repeat(201), subject: 's'.repeat(201) },
      { script: 'too-long', title: 'too-long', subject: 'too-long' },
    ],
    [{ voice_id: 'v'.repeat(201) }, { voice_id: 'too-long' }],
    [
      { resolution: '8k', aspect_ratio: '2:1', store: 's3' },
      { resolution: 'unknown', aspect_ratio: 'unknown', store: 'unknown' },
    ],
    [{ resolution: '4k', aspect_ratio: '9:16', store: 'cloudinary' }, {}],
  ])('find in %j', (over, faults) => {
    expect(faultsOf(some(over), STORES)).toEqual(faults);
    expect(isFine(faultsOf(some(over), STORES))).toBe(Object.keys(faults).length === 0);
  });

  it('make a request of what was said, and of nothing else', () => {
    expect(bodyOf(some())).toEqual({ heygen: { type: 'avatar', avatar_id: 'anna', script: 'Hello.' } });
    const everything = some({
      avatar_id: ' anna ',
      voice_id: 'v',
      title: ' Hi ',
      subject: 'ada',
      resolution: '720p',
      aspect_ratio: '1:1',
      captions: true,
      store: 'local',
    });
    expect(bodyOf(everything)).toEqual({
      heygen: {
        type: 'avatar',
        avatar_id: 'anna',
        script: 'Hello.',
        voice_id: 'v',
        title: 'Hi',
        resolution: '720p',
        aspect_ratio: '1:1',
        caption: { file_format: 'srt', style: 'default' },
      },
      title: 'Hi',
      subject: 'ada',
      store: 'local',
    });
  });

  it('find the field in what the server refused', () => {
    const faults = [
      { path: 'body.heygen.script', message: 'is needed' },
      { path: 'body.other', message: 'no' },
    ];
    expect(refusedFields({ faults })).toEqual({ script: 'is needed' });
    expect(refusedFields({})).toEqual({});
  });
});

describe('an estimate', () => {
  it('is made of the length, and of the price where one is known', () => {
    expect(estimate('  ', 'digital_twin', '')).toBeNull();
    const minute = 'x'.repeat(900);
    expect(estimate(minute, 'photo_avatar', '')).toEqual({ seconds: 60, usd: 3 });
    expect(estimate(minute, 'digital_twin', '1080p')?.usd).toBeCloseTo(4.002);
    expect(estimate(minute, 'digital_twin', '4k')?.usd).toBeNull();
    expect(estimate(minute, 'hologram', '')).toEqual({ seconds: 60, usd: null });
    expect(estimate(minute, null, '')).toEqual({ seconds: 60, usd: null });
    expect(estimate('あ'.repeat(45), null, '')?.seconds).toBe(10);
  });
});

describe('a draft', () => {
  let count = 0;
  const random = () => `key-${++count}`;

  it('keeps its key for the same words, and gets another for others', () => {
    const first = sealed(newDraft(random, some()), bodyOf(some()), random);
    const again = sealed(first, bodyOf(some()), random);
    const other = sealed(again, bodyOf(some({ script: 'Else.' })), random);
    expect(again.key).toBe(first.key);
    expect(other.key).not.toBe(first.key);
  });

  it('is read as an older version of the page kept it', () => {
    expect(draftOf({ key: 'k', fields: { script: 'Hi' } as NewFields }, random)).toEqual({
      key: 'k',
      sent: null,
      fields: { ...EMPTY, script: 'Hi' },
    });
    expect(draftOf(null, random).fields).toEqual(EMPTY);
    expect(draftOf({ sent: 'x' }, random).sent).toBeNull();
  });
});

describe('what a device keeps', () => {
  const store = (map = new Map<string, string>()) => ({
    getItem: (name: string) => map.get(name) ?? null,
    setItem: (name: string, value: string) => void map.set(name, value),
    removeItem: (name: string) => void map.delete(name),
  });

  it('belongs to one person, and may be nonsense', () => {
    const shared = store();
    const ada = new Kept<{ a: number }>(shared, 'draft', 'ada');
    expect(ada.set({ a: 1 })).toBe(true);
    expect(ada.get()).toEqual({ a: 1 });
    expect(new Kept(shared, 'draft', 'bob').get()).toBeNull();
    shared.setItem('reelhook.draft.ada', '{"a":');
    expect(ada.get()).toBeNull();
    shared.setItem('reelhook.draft.ada', '7');
    expect(ada.get()).toBeNull();
    ada.forget();
    expect(shared.getItem('reelhook.draft.ada')).toBeNull();
  });

  it('says when it keeps nothing', () => {
    const full = {
      ...store(),
      setItem: () => {
        throw new Error('full');
      },
    };
    expect(new Kept(full, 'draft', 'ada').set({})).toBe(false);
  });
});

describe('a batch', () => {
  const defaults = some({ voice_id: 'voice', title: 'Mine', subject: 'ada', captions: true });

  it('takes from the form what a row does not say, but neither script nor title', () => {
    const { rows, ignored, trouble } = readBatch(
      'Script;Avatar ID;captions;Notes\n"Hi; all";;no;x\r\n;jonas;;',
      defaults,
      STORES,
    );
    expect(trouble).toBeNull();
    expect(ignored).toEqual(['notes']);
    expect(rows[0]).toEqual({
      line: 2,
      faults: {},
      fields: { ...defaults, script: 'Hi; all', title: '', captions: false },
    });
    expect(rows[1]).toMatchObject({
      line: 3,
      faults: { script: 'needed' },
      fields: { avatar_id: 'jonas', captions: true },
    });
  });

  it('names each fault by row and column', () => {
    const { rows } = readBatch('script,resolution,store,captions\nHi,8k,s3,perhaps\nHi,4k,local,yes', some(), STORES);
    expect(rows.map(({ faults }) => faults)).toEqual([
      { resolution: 'unknown', store: 'unknown', captions: 'not-yes-or-no' },
      {},
    ]);
  });

  it.each([
    ['', { code: 'empty' }],
    ['hello,there\nx,y', { code: 'no-header' }],
    ['script,avatar_id\n', { code: 'no-rows' }],
    ['script\n"open', { code: 'unclosed', line: 2 }],
    [`script\n${'x\n'.repeat(201)}`, { code: 'too-many', rows: 201 }],
  ])('says what is the matter with %j', (text, trouble) => {
    expect(readBatch(text, some(), STORES)).toEqual({ rows: [], ignored: [], trouble });
  });

  it('reads its own template', () => {
    const { rows } = readBatch(template({ script: 'Hi, "all"', avatar_id: 'anna' }), { ...EMPTY }, STORES);
    expect(rows).toMatchObject([{ fields: { script: 'Hi, "all"', avatar_id: 'anna' }, faults: {} }]);
  });
});

describe('videos that HeyGen has', () => {
  it('are named by id or address, each once, with a title if one follows', () => {
    const text = ' abc \n\nabc,again\ndef; A title, with comma \nhttps://app.heygen.com/videos/xyz?tab=1\tLast\n,no id';
    expect(trackedIn(text)).toEqual([
      { id: 'abc', title: '' },
      { id: 'def', title: 'A title, with comma' },
      { id: 'xyz', title: 'Last' },
    ]);
  });
});
