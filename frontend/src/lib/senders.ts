/** What the senders mean for the list, and the differences of shape in the order in which they are read. */

import type { Difference, Sender, Senders } from './api/senders.ts';

const MODE = 'REELHOOK_INGEST_ALLOW_MODE=observe';

/** How one network stands: to the list when there is one, else to the one that is proposed. */
export type Standing = 'own' | 'covered' | 'partly' | 'refused' | 'outside' | 'unlisted' | 'proposed' | 'once';

export function standing(sender: Sender): Standing {
  if (sender.covered === 'yes') return 'covered';
  if (sender.covered === null) return sender.own ? 'own' : sender.proposed ? 'proposed' : 'once';
  if (sender.refused > 0) return 'refused';
  if (sender.outside > 0) return 'outside';
  return sender.covered === 'partly' ? 'partly' : 'unlisted';
}

/** What is to be pasted, or null when there is nothing that the list of now does not name. A new list is observed first. */
export function toPaste({ mode, proposal, data }: Senders): string | null {
  if (proposal.setting === null) return null;
  if (mode === 'off') return `${proposal.setting}\n${MODE}`;
  return data.every(({ proposed, covered }) => !proposed || covered === 'yes') ? null : proposal.setting;
}

export interface TypeDrift {
  type: string;
  differences: Difference[];
}

/** By type, the one that differed last first. */
export function byType(differences: readonly Difference[]): TypeDrift[] {
  const found = new Map<string, Difference[]>();
  for (const one of differences) found.set(one.type, [...(found.get(one.type) ?? []), one]);
  return [...found].map(([type, its]) => ({ type, differences: its }));
}
