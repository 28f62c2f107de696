/** What the service worker and the pages say to each other. */

/** What can be shown outside the page: what a push message says, or a page that nobody looks at. */
export interface Said {
  id: string;
  title: string;
  body: string;
  /** A path in the dashboard. */
  url: string;
  kind: string;
}

/** A push message also says how many notifications are unseen. */
export type Pushed = Said & { badge: number };

export type ToWorker =
  /** Show this, unless it was shown, a page is looked at, or another device has it. `device` names this browser. */
  | { kind: 'show'; said: Said; device: string }
  /** These were seen, or all of them (null): take them off the screen. */
  | { kind: 'seen'; ids: string[] | null };

export type ToPage =
  /** A push came while this page was looked at. */
  | { kind: 'pushed'; said: Pushed }
  /** Somebody touched a notification. */
  | { kind: 'open'; url: string };
