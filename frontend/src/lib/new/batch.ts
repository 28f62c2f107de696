/** A batch: the rows of a CSV as new videos, each with what is wrong with it. */

import { csvCell, parseCsv } from './csv.ts';
import { EMPTY, type FaultCode, type Faults, type FieldName, faultsOf, type NewFields } from './fields.ts';

/** So many fit into what a browser keeps for us, whatever they say. */
export const MOST_ROWS = 200;
export const COLUMNS = Object.keys(EMPTY) as FieldName[];
/** In the order in which a person writes them. */
export const TEMPLATE_COLUMNS: readonly FieldName[] = ['script', 'avatar_id', 'voice_id', 'title', 'subject'];

const YES = new Set(['yes', 'true', '1', 'x']);
const NO = new Set(['no', 'false', '0']);

export interface BatchRow {
  line: number;
  fields: NewFields;
  faults: Faults;
}
export type BatchTrouble =
  | { code: 'empty' | 'no-header' | 'no-rows' }
  | { code: 'too-many'; rows: number }
  | { code: 'unclosed'; line: number };
export interface Batch {
  rows: BatchRow[];
  /** Columns that are none of ours: nothing is read from them. */
  ignored: string[];
  trouble: BatchTrouble | null;
}

/** The rows of *text*. What a column does not say, because it is missing or empty there, is as in *defaults*. */
export function readBatch(text: string, defaults: NewFields, stores: readonly string[]): Batch {
  const { records, unclosed } = parseCsv(text);
  if (unclosed !== null) return nothing({ code: 'unclosed', line: unclosed });
  const [head, ...rest] = records;
  if (head === undefined) return nothing({ code: 'empty' });
  const names = head.cells.map(columnName);
  if (!names.some((name) => isColumn(name))) return nothing({ code: 'no-header' });
  if (rest.length === 0) return nothing({ code: 'no-rows' });
  if (rest.length > MOST_ROWS) return nothing({ code: 'too-many', rows: rest.length });
  return {
    rows: rest.map(({ line, cells }) => rowOf(line, names, cells, defaults, stores)),
    ignored: names.filter((name) => name !== '' && !isColumn(name)),
    trouble: null,
  };
}

/** A file to begin with: every usual column and one row that shows what belongs there. */
export function template(example: Partial<Record<FieldName, string>>): string {
  const row = TEMPLATE_COLUMNS.map((name) => csvCell(example[name] ?? ''));
  return `${TEMPLATE_COLUMNS.join(',')}\r\n${row.join(',')}\r\n`;
}

function rowOf(
  line: number,
  names: readonly string[],
  cells: readonly string[],
  defaults: NewFields,
  stores: readonly string[],
): BatchRow {
  const fields = { ...defaults, script: '', title: '' };
  const odd: Partial<Record<FieldName, FaultCode>> = {};
  names.forEach((name, index) => {
    const text = (cells[index] ?? '').trim();
    if (!isColumn(name) || text === '') return;
    if (name !== 'captions') fields[name] = text;
    else if (YES.has(text.toLowerCase())) fields.captions = true;
    else if (NO.has(text.toLowerCase())) fields.captions = false;
    else odd.captions = 'not-yes-or-no';
  });
  return { line, fields, faults: { ...faultsOf(fields, stores), ...odd } };
}

const nothing = (trouble: BatchTrouble): Batch => ({ rows: [], ignored: [], trouble });
/** "Avatar ID" in a file of somebody's own is `avatar_id`. */
const columnName = (cell: string) =>
  cell
    .trim()
    .toLowerCase()
    .replace(/[\s-]+/g, '_');
const isColumn = (name: string): name is FieldName => (COLUMNS as string[]).includes(name);
