/** Who did something, as people say it. */

import type { Actor } from '../../../lib/api/incidents.ts';
import { auditWords } from '../../../lib/words/audit.ts';
import { incidentWords } from '../../../lib/words/incidents.ts';

export function nameOf(by: Actor | null): string {
  if (by === null) return incidentWords.itself;
  return by.name ?? auditWords.actors[by.actor] ?? by.actor;
}
