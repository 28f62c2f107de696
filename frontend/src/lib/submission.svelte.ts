/** A form on its way to the server: sent once at a time, and then what is wrong in it has the focus. */

import { tick } from 'svelte';
import { asProblem, type Problem } from './api.ts';
import { words } from './words.ts';

export class Submission {
  busy = $state(false);
  trouble = $state<string | null>(null);

  /** What *work* throws is said as *why* says it. */
  constructor(
    private readonly work: () => Promise<unknown>,
    private readonly why: (problem: Problem) => string = words.problem.why,
  ) {}

  readonly submit = async (event: SubmitEvent & { currentTarget: HTMLFormElement }): Promise<void> => {
    event.preventDefault();
    const form = event.currentTarget;
    if (this.busy) return;
    this.busy = true;
    this.trouble = null;
    try {
      await this.work();
    } catch (error) {
      this.trouble = this.why(asProblem(error));
    } finally {
      this.busy = false;
    }
    await tick();
    form.querySelector<HTMLElement>('[aria-invalid="true"], [data-invalid] input')?.focus();
  };
}
