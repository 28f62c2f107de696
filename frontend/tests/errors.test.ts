import { expect, test } from 'vitest';
import { ERROR_SHOWS, firstLine, searchOf, showOf, traceLines } from '../src/lib/errors.ts';

test('a view of the errors has an address, and every other address is what is open', () => {
  for (const show of ERROR_SHOWS) expect(showOf(new URLSearchParams(searchOf(show)))).toEqual(show);
  expect(searchOf('open')).toEqual({});
  expect(showOf(new URLSearchParams('show=nonsense'))).toEqual('open');
});

const TRACEBACK = `Traceback (most recent call last):
  File "/opt/venv/lib/python3.11/site-packages/reelhook/jobs/runner.py", line 115, in _run
    effect = await handler.run(job.work())
             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  File "/opt/venv/lib/python3.11/site-packages/sqlalchemy/engine/base.py", line 9, in execute
    return meth(self)
  File "/usr/lib/python3.11/json/decoder.py", line 355, in raw_decode
  …
    return self.app
KeyError: 'nobody thought of that'

During handling of the above exception, another exception occurred:

  File "/home/us/reelhook/src/reelhook/db/engine.py", line 7, in _write
ValueError: in two
lines
`;

test('a traceback is told line by line, by whose each is, with short paths and without marks', () => {
  expect(traceLines(TRACEBACK).map(({ kind, ours, text }) => [kind, ours, text])).toEqual([
    ['frame', true, 'reelhook/jobs/runner.py:115 _run'],
    ['code', true, 'effect = await handler.run(job.work())'],
    ['frame', false, 'sqlalchemy/engine/base.py:9 execute'],
    ['code', false, 'return meth(self)'],
    ['frame', false, 'json/decoder.py:355 raw_decode'],
    ['between', true, '…'],
    ['code', false, 'return self.app'],
    ['error', true, "KeyError: 'nobody thought of that'"],
    ['between', true, 'During handling of the above exception, another exception occurred:'],
    ['frame', true, 'reelhook/db/engine.py:7 _write'],
    ['error', true, 'ValueError: in two'],
    ['more', true, 'lines'],
  ]);
});

test('of a message the first line says most', () => {
  expect(firstLine('no such table\n[SQL: SELECT]')).toBe('no such table');
  expect(firstLine('')).toBe('');
});
