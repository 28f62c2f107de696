/** The entries of one filter, page by page. The log only grows at its head, so what was read stays right. */

import { type AuditEntry, auditEntries } from './api/audit.ts';
import type { Problem } from './api.ts';
import { type AuditFilter, auditQuery } from './audit.ts';
import { troubleOf } from './live.svelte.ts';

export class AuditList {
  entries = $state.raw<AuditEntry[]>([]);
  loaded = $state(false);
  busy = $state(false);
  problem = $state.raw<Problem | null>(null);
  #next = $state.raw<string | null>(null);

  constructor(
    readonly filter: AuditFilter,
    private readonly ask: typeof auditEntries = auditEntries,
  ) {}

  get hasOlder(): boolean {
    return this.#next !== null;
  }

  load(): Promise<void> {
    return this.#read(null);
  }

  async older(): Promise<void> {
    if (this.#next !== null && !this.busy) await this.#read(this.#next);
  }

  async #read(cursor: string | null): Promise<void> {
    this.busy = true;
    try {
      const page = await this.ask(auditQuery(this.filter), cursor);
      this.entries = cursor === null ? page.data : [...this.entries, ...page.data];
      this.#next = page.next_cursor;
      this.loaded = true;
      this.problem = null;
    } catch (error) {
      this.problem = troubleOf(error);
    } finally {
      this.busy = false;
    }
  }
}
