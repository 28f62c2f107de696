/** What the app says of processes. Why something is away is said by the server. */

import type { ProcessState, Role } from '../api/processes.ts';
import { plural, sentence } from '../text.ts';
import { translated } from '../translated.ts';

export const processWords = {
  loading: 'Asking who runs',
  error: 'The processes could not be read',
  intro: 'Every 15 seconds each process says how it is. One that ends in order is gone; one that died is silent.',
  none: { title: 'No process is seen', body: 'They say so every 15 seconds, the first time when they start.' },
  role: { server: 'Server', worker: 'Worker' } satisfies Record<Role, string>,
  state: { running: 'Running', draining: 'Stopping', silent: 'Silent' } satisfies Record<ProcessState, string>,
  version: (version: string) => `version ${version}`,
  started: (ago: string) => `started ${ago}`,
  seen: (ago: string) => `seen ${ago}`,
  streams: (count: number) => plural(count, 'stream', 'streams'),
  opened: (count: number) => `${plural(count, 'stream', 'streams')} opened within a minute`,
  lag: (seconds: string) => `event loop up to ${seconds} s late`,
  skew: (seconds: number) => `clock ${Math.abs(seconds).toFixed(1)} s ${seconds > 0 ? 'ahead' : 'behind'}`,
  troubles: 'What is wrong',
  lacks: (name: string, since: string, reason: string) => sentence(`Without ${name} (since ${since}): ${reason}`),
  down: (name: string, since: string, reason: string) => sentence(`Finds ${name} down (since ${since}): ${reason}`),
  outage: (since: string, until: string | null, failed: number, reason: string) =>
    sentence(
      `Could not write from ${since} ${until === null ? 'on' : `until ${until}`}; ` +
        `${plural(failed, 'commit', 'commits')} failed: ${reason}`,
    ),
  telemetry: (what: string, reason: string) => sentence(`Cannot deliver ${what}: ${reason}`),
};
translated('process', processWords);
