/**
 * One connection to the stream, read by hand: unlike `EventSource`, `fetch` shows the heartbeats, so that a connection
 * that died without a word, and a proxy that holds everything back, are both noticed.
 */

import { refusal } from './problem.ts';

/** The server greets at once, and then writes every 20 seconds. */
const SILENCE = 45_000;

export type Heard = (name: string, data: unknown, id: number) => void;

/** Resolves when the server ends it; throws when it breaks, is refused, or falls silent. `sign`: something came. */
export async function follow(address: string, ending: AbortController, sign: () => void, heard: Heard): Promise<void> {
  let silence: ReturnType<typeof setTimeout> | undefined;
  const wait = () => {
    clearTimeout(silence);
    silence = setTimeout(() => ending.abort(new Error('the stream is silent')), SILENCE);
  };
  wait();
  try {
    const { signal } = ending;
    const response = await fetch(address, { signal, cache: 'no-store' });
    if (!response.ok || !response.body) throw await refusal(response);
    const reader = response.body.getReader();
    const decoder = new TextDecoder();
    let text = '';
    for (;;) {
      const { done, value } = await reader.read();
      // What is still in the pipe of a stream that was replaced counts no more.
      if (done || signal.aborted) return;
      wait();
      sign();
      text += decoder.decode(value, { stream: true });
      const frames = text.split('\n\n');
      text = frames.pop() as string;
      for (const frame of frames) hear(frame, heard);
    }
  } finally {
    clearTimeout(silence);
  }
}

function hear(frame: string, heard: Heard): void {
  const fields: Record<string, string> = {};
  for (const line of frame.split('\n')) {
    const end = line.indexOf(':');
    fields[line.slice(0, end)] = line.slice(end + 2);
  }
  // An `id:` alone is no event: it says how far we are.
  heard(fields.event ?? '', fields.data && JSON.parse(fields.data), Number(fields.id) || 0);
}
