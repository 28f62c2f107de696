import { describe, expect, it } from 'vitest';
import { csvCell, parseCsv } from '../src/lib/new/csv.ts';

const cells = (text: string) => parseCsv(text).records.map((record) => record.cells);

describe('a CSV', () => {
  it.each([
    [
      'a,b\nc,d',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    [
      'a,b\r\nc,d\r\n',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    [
      'a,b\rc,d\r',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    [
      '\uFEFFa;b\nc,c;d',
      [
        ['a', 'b'],
        ['c,c', 'd'],
      ],
    ],
    [
      'a\tb\nc\td',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    ['only\none column', [['only'], ['one column']]],
    [
      'a,b,\n,,\n \nc,,',
      [
        ['a', 'b', ''],
        ['c', '', ''],
      ],
    ],
    [
      '"a, b","say ""hi""",c\n"",x,"y"z',
      [
        ['a, b', 'say "hi"', 'c'],
        ['', 'x', 'yz'],
      ],
    ],
    ['a b"c,d', [['a b"c', 'd']]],
    ['"one\r\ntwo;\nthree";x', [['one\r\ntwo;\nthree', 'x']]],
    ['', []],
    ['\uFEFF', []],
    ['a,"b"', [['a', 'b']]],
    [
      '"a;b;c",d\ne,f',
      [
        ['a;b;c', 'd'],
        ['e', 'f'],
      ],
    ],
  ])('is read: %j', (text, expected) => expect(cells(text)).toEqual(expected));

  it('knows the line on which each record begins', () => {
    const { records } = parseCsv('h\n"two\r\nlines"\r\n\r\nlast');
    expect(records.map(({ line }) => line)).toEqual([1, 2, 5]);
  });

  it('says where a quote begins that nothing closes, and keeps what came before', () => {
    const { records, unclosed } = parseCsv('a,b\nc,d\n"e,f\ng,h');
    expect(unclosed).toBe(3);
    expect(records).toHaveLength(2);
  });

  it.each(['plain', 'with, comma', 'with "quotes"', 'two\nlines', ' spaces ', '', 'semi;colon', 'tab\there'])(
    'gives back the cell it was made of: %j',
    (text) => expect(cells(`x,${csvCell(text)},y`)).toEqual([['x', text, 'y']]),
  );
});
