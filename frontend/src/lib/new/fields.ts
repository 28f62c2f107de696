/** What a person says of a new video, the rules it must obey, and the request that is made of it. */

import type { NewVideoBody } from '../api/new-videos.ts';

/** HeyGen's limit on a script (its usage limits), and ours on titles and subjects. The server has the same rules. */
export const MOST = { script: 5_000, title: 200, subject: 200, id: 200 } as const;
export const RESOLUTIONS = ['720p', '1080p', '4k'] as const;
export const RATIOS = ['auto', '16:9', '9:16', '1:1', '4:5', '5:4'] as const;

/** Empty text: HeyGen decides, or there is none. */
export interface NewFields {
  avatar_id: string;
  voice_id: string;
  script: string;
  title: string;
  subject: string;
  resolution: string;
  aspect_ratio: string;
  captions: boolean;
  store: string;
}
export type FieldName = keyof NewFields;
export type FaultCode = 'needed' | 'too-long' | 'unknown' | 'not-yes-or-no';
export type Faults = Partial<Record<FieldName, FaultCode>>;

export const EMPTY: Readonly<NewFields> = {
  script: '',
  avatar_id: '',
  voice_id: '',
  title: '',
  subject: '',
  resolution: '',
  aspect_ratio: '',
  captions: false,
  store: '',
};

/** Characters as the server counts them: one that takes two places in memory is one. */
export const lengthOf = (text: string) => [...text].length;

export function faultsOf(fields: NewFields, stores: readonly string[]): Faults {
  const faults: Faults = {};
  for (const name of ['avatar_id', 'script'] as const) if (fields[name].trim() === '') faults[name] = 'needed';
  for (const name of ['script', 'title', 'subject'] as const) {
    if (lengthOf(fields[name]) > MOST[name]) faults[name] = 'too-long';
  }
  for (const name of ['avatar_id', 'voice_id'] as const) {
    if (lengthOf(fields[name]) > MOST.id) faults[name] = 'too-long';
  }
  const known = { resolution: RESOLUTIONS, aspect_ratio: RATIOS, store: stores } as const;
  for (const name of ['resolution', 'aspect_ratio', 'store'] as const) {
    if (fields[name] !== '' && !(known[name] as readonly string[]).includes(fields[name])) faults[name] = 'unknown';
  }
  return faults;
}

export const isFine = (faults: Faults) => Object.keys(faults).length === 0;

/** The request for HeyGen, and what Reelhook keeps beside it. Only what was said is in it. */
export function bodyOf(fields: NewFields): NewVideoBody {
  const title = fields.title.trim();
  const heygen: Record<string, unknown> = { type: 'avatar', avatar_id: fields.avatar_id.trim(), script: fields.script };
  if (fields.voice_id.trim() !== '') heygen.voice_id = fields.voice_id.trim();
  if (title !== '') heygen.title = title;
  if (fields.resolution !== '') heygen.resolution = fields.resolution;
  if (fields.aspect_ratio !== '') heygen.aspect_ratio = fields.aspect_ratio;
  if (fields.captions) heygen.caption = { file_format: 'srt', style: 'default' };
  return { heygen, ...kept({ title, subject: fields.subject.trim(), store: fields.store }) };
}

/** Only what is not empty. */
export function kept<T extends Record<string, string>>(texts: T): Partial<T> {
  return Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== '')) as Partial<T>;
}

/** Which of our fields the server found fault with, from the paths it names: `body.heygen.script`, `body.title`. */
export function refusedFields(members: Readonly<Record<string, unknown>>): Partial<Record<FieldName, string>> {
  const refused: Partial<Record<FieldName, string>> = {};
  const faults = Array.isArray(members.faults) ? members.faults : [];
  for (const { path, message } of faults as { path?: unknown; message?: unknown }[]) {
    const name = String(path).split('.').pop() ?? '';
    if (name in EMPTY) refused[name as FieldName] = String(message);
  }
  return refused;
}
