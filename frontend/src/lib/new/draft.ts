/** What a person began to write, and the key under which it is sent. */

import type { NewVideoBody } from '../api/new-videos.ts';
import { session } from '../session.svelte.ts';
import { Kept } from './device.ts';
import { EMPTY, type NewFields } from './fields.ts';

export interface Draft {
  fields: NewFields;
  key: string;
  /** What was sent under this key, as JSON; null: nothing yet. */
  sent: string | null;
}

export const newDraft = (random: () => string, fields: NewFields = { ...EMPTY }): Draft => ({
  fields,
  key: random(),
  sent: null,
});

/** A draft as this device kept it, perhaps by an older version of this page. */
export function draftOf(kept: Partial<Draft> | null, random: () => string): Draft {
  if (typeof kept?.key !== 'string') return newDraft(random);
  return { fields: { ...EMPTY, ...kept.fields }, key: kept.key, sent: kept.sent ?? null };
}

/**
 * The draft as it is about to be sent. The same words keep their key: a double click, or a second try after an answer
 * that never came, makes one video. Other words are another video.
 */
export function sealed(draft: Draft, body: NewVideoBody, random: () => string): Draft {
  const sent = JSON.stringify(body);
  return { ...draft, key: draft.sent === null || draft.sent === sent ? draft.key : random(), sent };
}

/** Where the draft of whoever is signed in is kept. */
export const keptDraft = () => new Kept<Draft>(localStorage, 'draft', session.principal?.id ?? '');
