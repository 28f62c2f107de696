/** CSV as spreadsheets write it: quotes, line breaks within them, a byte order mark, commas, semicolons or tabs. */

const BOM = '\uFEFF';
const DELIMITERS = [',', ';', '\t'] as const;

/** *line*: where it begins in the file, counted from 1. */
export interface CsvRecord {
  line: number;
  cells: string[];
}
/** *unclosed*: the line of a quote that nothing ends; what follows it cannot be told apart. */
export interface Csv {
  records: CsvRecord[];
  unclosed: number | null;
}

export function parseCsv(text: string): Csv {
  const content = text.startsWith(BOM) ? text.slice(1) : text;
  return new Reader(content, delimiterOf(content)).read();
}

/** One cell, quoted when it has to be. */
export function csvCell(text: string): string {
  return /[",;\t\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Whichever stands most often in the first line, outside quotes. */
function delimiterOf(text: string): string {
  let quoted = false;
  const counts = new Map<string, number>(DELIMITERS.map((delimiter) => [delimiter, 0]));
  for (const character of text) {
    if (character === '"') quoted = !quoted;
    else if (!quoted && (character === '\n' || character === '\r')) break;
    else if (!quoted && counts.has(character)) counts.set(character, (counts.get(character) ?? 0) + 1);
  }
  return [...counts].reduce((best, next) => (next[1] > best[1] ? next : best))[0];
}

class Reader {
  readonly #records: CsvRecord[] = [];
  #at = 0;
  #line = 1;

  constructor(
    private readonly text: string,
    private readonly delimiter: string,
  ) {}

  read(): Csv {
    while (this.#at < this.text.length) {
      const line = this.#line;
      const cells = this.#record();
      if (cells === null) return { records: this.#records, unclosed: line };
      if (cells.some((cell) => cell.trim() !== '')) this.#records.push({ line, cells });
    }
    return { records: this.#records, unclosed: null };
  }

  /** The cells up to the end of the line; null when a quote is not closed. */
  #record(): string[] | null {
    const cells: string[] = [];
    for (;;) {
      const cell = this.text[this.#at] === '"' ? this.#quoted() : this.#plain();
      if (cell === null) return null;
      cells.push(cell);
      const end = this.text[this.#at];
      if (end !== this.delimiter) {
        this.#lineEnd();
        return cells;
      }
      this.#at += 1;
    }
  }

  #plain(): string {
    const start = this.#at;
    while (this.#at < this.text.length && !this.#isEnd(this.text[this.#at] as string)) this.#at += 1;
    return this.text.slice(start, this.#at);
  }

  /** Two quotes within are one. What stands between the closing quote and the delimiter is kept, as spreadsheets do. */
  #quoted(): string | null {
    let cell = '';
    this.#at += 1;
    for (;;) {
      const end = this.text.indexOf('"', this.#at);
      if (end === -1) return null;
      const part = this.text.slice(this.#at, end);
      this.#line += breaks(part);
      cell += part;
      this.#at = end + 1;
      if (this.text[this.#at] !== '"') return cell + this.#plain();
      cell += '"';
      this.#at += 1;
    }
  }

  #isEnd(character: string): boolean {
    return character === this.delimiter || character === '\n' || character === '\r';
  }

  #lineEnd(): void {
    if (this.text[this.#at] === '\r' && this.text[this.#at + 1] === '\n') this.#at += 1;
    if (this.#at < this.text.length) this.#line += 1;
    this.#at += 1;
  }
}

const breaks = (text: string) => text.match(/\r\n|\r|\n/g)?.length ?? 0;
