/** What a translation has to say: every area, whole. Types alone, so that it costs no byte. */

import type { jobWords } from './job-words.ts';
import type { accountWords } from './words/account.ts';
import type { analyticsWords } from './words/analytics.ts';
import type { auditWords } from './words/audit.ts';
import type { boardWords } from './words/board.ts';
import type { deliveryWords } from './words/deliveries.ts';
import type { errorWords } from './words/errors.ts';
import type { failureWords } from './words/failures.ts';
import type { incidentWords, ruleWords } from './words/incidents.ts';
import type { keyboardWords } from './words/keyboard.ts';
import type { keyWords } from './words/keys.ts';
import type { linkWords } from './words/links.ts';
import type { newWords } from './words/new.ts';
import type { notifyWords } from './words/notify.ts';
import type { objectiveWords } from './words/objectives.ts';
import type { offlineWords } from './words/offline.ts';
import type { oidcWords } from './words/oidc.ts';
import type { passwordWords, peopleWords } from './words/people.ts';
import type { factWords, playerWords } from './words/player.ts';
import type { processWords } from './words/processes.ts';
import type { rejectionWords } from './words/rejections.ts';
import type { driftWords, senderWords } from './words/senders.ts';
import type { heygenWords, keepingWords, storeWords } from './words/settings.ts';
import type { tellingWords } from './words/telling.ts';
import type { timelineWords } from './words/timeline.ts';
import type { menuWords } from './words/video-menu.ts';
import type { webhookWords } from './words/webhooks.ts';
import type { words } from './words.ts';

export interface Catalogue {
  account: typeof accountWords;
  analytics: typeof analyticsWords;
  app: Omit<typeof words, 'jobs'>;
  audit: typeof auditWords;
  board: typeof boardWords;
  delivery: typeof deliveryWords;
  drift: typeof driftWords;
  error: typeof errorWords;
  fact: typeof factWords;
  failure: typeof failureWords;
  heygen: typeof heygenWords;
  incident: typeof incidentWords;
  job: typeof jobWords;
  keeping: typeof keepingWords;
  key: typeof keyWords;
  keyboard: typeof keyboardWords;
  link: typeof linkWords;
  menu: typeof menuWords;
  new: typeof newWords;
  notify: typeof notifyWords;
  objective: typeof objectiveWords;
  offline: typeof offlineWords;
  oidc: typeof oidcWords;
  password: typeof passwordWords;
  people: typeof peopleWords;
  player: typeof playerWords;
  process: typeof processWords;
  rejection: typeof rejectionWords;
  rule: typeof ruleWords;
  sender: typeof senderWords;
  store: typeof storeWords;
  telling: typeof tellingWords;
  timeline: typeof timelineWords;
  webhook: typeof webhookWords;
}

export type Area = keyof Catalogue;
