/** A list that is searched while a person types: the answer to the latest question counts, whichever comes last. */

import type { Problem } from '../api.ts';
import { troubleOf } from '../live.svelte.ts';

export class Finder<Query, Answer> {
  answer = $state.raw<Answer | null>(null);
  problem = $state.raw<Problem | null>(null);
  busy = $state(false);
  #asked = 0;

  constructor(private readonly ask: (query: Query, refresh: boolean) => Promise<Answer>) {}

  async find(query: Query, refresh = false): Promise<void> {
    const asked = ++this.#asked;
    this.busy = true;
    const outcome = await this.ask(query, refresh).then(
      (answer) => ({ answer, problem: null }),
      (error: unknown) => ({ answer: null, problem: troubleOf(error) }),
    );
    if (asked !== this.#asked) return;
    this.busy = false;
    this.problem = outcome.problem;
    if (outcome.answer !== null) this.answer = outcome.answer;
  }
}
