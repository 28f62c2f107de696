/** Changes to what holds for everybody's notifications. */

import type { NotificationKind } from './api/notifications.ts';
import { PERSONAL, type Personal } from './api/preferences.ts';
import type { TellingSettings, Way } from './api/telling.ts';

export function isPersonal(way: Way): way is Personal {
  return (PERSONAL as readonly string[]).includes(way);
}

export function isLocked(settings: TellingSettings, kind: NotificationKind, way: Way): boolean {
  return isPersonal(way) && (settings.locked[kind] ?? []).includes(way);
}

export function withWay(settings: TellingSettings, kind: NotificationKind, way: Way, on: boolean): TellingSettings {
  return { ...settings, kinds: { ...settings.kinds, [kind]: { ...settings.kinds[kind], [way]: on } } };
}

export function withLock(
  settings: TellingSettings,
  kind: NotificationKind,
  way: Personal,
  locked: boolean,
): TellingSettings {
  const others = (settings.locked[kind] ?? []).filter((one) => one !== way);
  return { ...settings, locked: { ...settings.locked, [kind]: locked ? [...others, way] : others } };
}

export function withCritical(settings: TellingSettings, kind: NotificationKind, critical: boolean): TellingSettings {
  const others = settings.critical.filter((one) => one !== kind);
  return { ...settings, critical: critical ? [...others, kind] : others };
}
