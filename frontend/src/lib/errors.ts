/** Errors as a person looks at them: which are shown, and a traceback in lines that fit a phone. */

export const ERROR_SHOWS = ['open', 'unexpected', 'attempts', 'resolved'] as const;
export type ErrorShow = (typeof ERROR_SHOWS)[number];

export function showOf(search: URLSearchParams): ErrorShow {
  return ERROR_SHOWS.find((show) => show === search.get('show')) ?? 'open';
}

/** As it stands in an address: only what is not usual. */
export function searchOf(show: ErrorShow): Record<string, string> {
  return show === 'open' ? {} : { show };
}

export interface TraceLine {
  /** A `frame` says where, `code` what stands there, `error` what was raised, `more` what else that says. */
  kind: 'frame' | 'code' | 'error' | 'more' | 'between';
  /** Of a frame of Reelhook and its code; what is not of a frame is everybody's. */
  ours: boolean;
  text: string;
}

const FRAME = /^File "(.+)", line (\d+), in (.+)$/;
/** Folders that say nothing to whoever reads it. */
const BEFORE = /^.*\/(?:site-packages|python3\.\d+)\/|^.*\/(?=reelhook\/)/;
const BETWEEN = /^(?:During handling|The above exception|…|\[Previous line)/;
/** The marks below code, and what stands above every traceback. */
const NOISE = /^\s*(?:[~^]+|Traceback .*)?\s*$/;

/** A traceback of Python, line by line, the paths without what stands before the package. */
export function traceLines(traceback: string): TraceLine[] {
  const lines: TraceLine[] = [];
  for (const line of traceback.split('\n').filter((one) => !NOISE.test(one))) {
    lines.push(traceLine(line, lines.at(-1)));
  }
  return lines;
}

function traceLine(line: string, before: TraceLine | undefined): TraceLine {
  const text = line.trim();
  const [, path, number, name] = FRAME.exec(text) ?? [];
  if (path !== undefined) {
    const short = path.replace(BEFORE, '');
    return { kind: 'frame', ours: short.startsWith('reelhook/'), text: `${short}:${number} ${name}` };
  }
  if (BETWEEN.test(text)) return { kind: 'between', ours: true, text };
  if (before?.kind === 'error' || before?.kind === 'more') return { kind: 'more', ours: true, text };
  // What was cut off above it may have been anybody's.
  if (line.startsWith('    ')) return { kind: 'code', ours: before?.kind !== 'between' && before?.ours === true, text };
  return { kind: 'error', ours: true, text };
}

/** What stands first says most; the rest is in the traceback. */
export function firstLine(message: string): string {
  return message.split('\n', 1)[0] ?? '';
}
