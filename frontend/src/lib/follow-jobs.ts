/** The stream tells of videos, not of jobs; but a job that ends moves its video, so that is when to ask at once. */

import { live } from './live.svelte.ts';
import { Poll } from './poll.ts';

/** Ask now, again and again, and soon after a video changed its state. Returns how to stop. */
export function followJobs(ask: () => Promise<boolean>, everyMs: number): () => void {
  const poll = new Poll(ask, everyMs);
  const stopAsking = poll.start();
  const stopHearing = live.onChange(({ before, after }) => {
    if (before?.state !== after.state) poll.soon();
  });
  return () => {
    stopAsking();
    stopHearing();
  };
}
