/** The batch of this person: it goes on while other pages are looked at, and is found again after a reload. */

import { type Made, newVideos } from '../api/new-videos.ts';
import { Problem } from '../api.ts';
import { live, troubleOf } from '../live.svelte.ts';
import { session } from '../session.svelte.ts';
import type { BatchRow } from './batch.ts';
import { Kept } from './device.ts';
import { bodyOf, type NewFields } from './fields.ts';
import { newRow, REMEMBERED_MS, Sending, type SendingRow } from './sending.svelte.ts';

export interface BatchItem {
  line: number;
  fields: NewFields;
}
type Row = SendingRow<BatchItem>;
interface KeptBatch {
  name: string;
  rows: (Omit<Row, 'problem'> & { problem: Pick<Problem, 'status' | 'code' | 'title' | 'detail'> | null })[];
}

/** What became of a row that was sent so long ago that the server has forgotten its key. */
export const UNKNOWN = 'unknown_outcome';

export class BatchDesk {
  name = $state('');
  /** False: this browser does not keep it, so a reload would forget which rows were sent. */
  isKept = $state(true);
  readonly sending: Sending<BatchItem>;

  constructor(
    private readonly kept: Kept<KeptBatch>,
    send: (item: BatchItem, key: string) => Promise<Made>,
    now: () => number = Date.now,
  ) {
    this.sending = new Sending(send, () => this.#keep());
    const before = kept.get();
    if (!Array.isArray(before?.rows)) return;
    this.name = before.name;
    this.sending.rows = before.rows.map((row) => restored(row, now()));
  }

  get isOpen(): boolean {
    return this.sending.rows.length > 0;
  }

  /** A new batch. Each row gets the key by which it is known from now on. */
  open(name: string, rows: readonly BatchRow[], id: string): void {
    this.name = name;
    this.sending.rows = rows.map(({ line, fields }) => newRow(`${id}.${line}`, { line, fields: { ...fields } }));
    this.sending.trouble = null;
    this.#keep();
  }

  close(): void {
    this.sending.stop();
    this.sending.rows = [];
    this.kept.forget();
  }

  #keep(): void {
    const rows = this.sending.rows.map(({ problem, ...row }) => ({ ...row, problem: problem && plain(problem) }));
    this.isKept = this.kept.set({ name: this.name, rows });
  }
}

const plain = ({ status, code, title, detail }: Problem) => ({ status, code, title, detail });

function restored({ problem, ...row }: KeptBatch['rows'][number], now: number): Row {
  const known = problem && new Problem(problem.status, problem.code, problem.title, problem.detail);
  if (row.state !== 'sending' && row.state !== 'waiting') return { ...row, problem: known };
  if (row.askedAt !== null && now - row.askedAt > REMEMBERED_MS) {
    return { ...row, state: 'failed', problem: new Problem(0, UNKNOWN, UNKNOWN) };
  }
  return { ...row, state: 'waiting', problem: null };
}

const send = (item: BatchItem, key: string) =>
  newVideos.create(bodyOf(item.fields), key).catch((error: unknown) => {
    throw troubleOf(error);
  });

let desk: BatchDesk | null = null;
live.onForget(() => {
  desk?.sending.stop();
  desk = null;
});

/** The one of whoever is signed in. */
export function batchDesk(): BatchDesk {
  desk ??= new BatchDesk(new Kept(localStorage, 'batch', session.principal?.id ?? ''), send);
  return desk;
}
