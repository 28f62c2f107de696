/** How an objective stands, and where to look for what was not kept. */

import type { Against, Objective, ObjectiveWindow } from './api/objectives.ts';
import { paths } from './router.svelte.ts';

export type Standing = 'kept' | 'missed' | 'nothing';

export function standing({ target }: Pick<Objective, 'target'>, { share }: ObjectiveWindow): Standing {
  if (share === null) return 'nothing';
  return share >= target ? 'kept' : 'missed';
}

/** "99.98 %", rounded down: only what is whole reads as 100 %. */
export function exact(share: number): string {
  return `${Math.floor(share * 10_000 + 1e-9) / 100} %`;
}

/** Where the worst of it is to be seen. */
export function whereIs(reason: Against): string {
  switch (reason) {
    case 'slow':
      return paths.section('analytics', null, { range: 'month' });
    case 'not_applied':
      return paths.section('deliveries', null, { state: 'pending' });
    case 'link_ended':
    case 'gave_up_waiting':
      return paths.board({ show: 'attention' });
    default:
      return paths.section('rejections', null, { reason });
  }
}
