/** What happened, put together by the day on which it did. */

/** In the order given, which is newest first; the days are those of this device. */
export function byDay<T extends { created_at: string }>(all: readonly T[]): { day: string; entries: T[] }[] {
  const days: { day: string; entries: T[] }[] = [];
  for (const one of all) {
    const day = dayOf(one.created_at);
    if (days.at(-1)?.day === day) days.at(-1)?.entries.push(one);
    else days.push({ day, entries: [one] });
  }
  return days;
}

/** Days from that day to the one of *now*: 0 is today. */
export function daysAgo(day: string, now: number): number {
  return Math.round((Date.parse(dayOf(now)) - Date.parse(day)) / 86_400_000);
}

/** Year, month and day as this device counts them, as in "2026-11-05". */
function dayOf(at: string | number): string {
  const date = new Date(at);
  const parts = [date.getFullYear(), date.getMonth() + 1, date.getDate()];
  return parts.map((part) => String(part).padStart(2, '0')).join('-');
}
