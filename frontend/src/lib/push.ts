/** Push messages for this browser: whether they can come, and turning them on and off. */

import { told } from '../worker/subscription.ts';
import { type PushSubscriptionRow, pushApi } from './api/push.ts';
import { registration } from './worker.ts';

export type PushState =
  | 'unsupported'
  /** An iPhone or iPad allows it only from the home screen. */
  | 'needs-install'
  /** The person said no; only the browser's own settings can change that. */
  | 'denied'
  | 'off'
  | 'on';

/** How it is here, as far as browser and server agree. Raises a Problem when the server cannot be asked. */
export async function pushState(): Promise<PushState> {
  const manager = await pushManager();
  if (manager === null) return isUninstalledPhone() ? 'needs-install' : 'unsupported';
  if (Notification.permission === 'denied') return 'denied';
  const subscription = await manager.getSubscription();
  return subscription !== null && (await rowOf(subscription)) !== undefined ? 'on' : 'off';
}

/** Call it from a click: the browser asks the person. */
export async function turnPushOn(): Promise<PushState> {
  const manager = await pushManager();
  if (manager === null) return pushState();
  const permission = await Notification.requestPermission();
  if (permission !== 'granted') return permission === 'denied' ? 'denied' : 'off';
  const subscription = await subscribed(manager, (await pushApi.key()).key);
  try {
    await pushApi.add(told(subscription, null));
  } catch (error) {
    await subscription.unsubscribe();
    throw error;
  }
  return 'on';
}

/** The server forgets this browser, and its push service as well. */
export async function turnPushOff(): Promise<PushState> {
  const subscription = await (await pushManager())?.getSubscription();
  if (subscription) {
    const row = await rowOf(subscription);
    if (row !== undefined) await pushApi.remove(row.id);
    await subscription.unsubscribe();
  }
  return pushState();
}

/** The person signed out here: nothing of theirs may be shown any more. The server hears of it at its next message. */
export async function forgetThisBrowser(): Promise<void> {
  await (await (await pushManager())?.getSubscription())?.unsubscribe();
}

/** Somebody signed in: messages for whoever was signed in here before, and never signed out, come to an end. */
export async function dropSomebodyElses(): Promise<void> {
  const subscription = await (await pushManager())?.getSubscription();
  if (subscription && (await rowOf(subscription)) === undefined) await subscription.unsubscribe();
}

async function pushManager(): Promise<PushManager | null> {
  if (typeof Notification === 'undefined' || typeof PushManager === 'undefined') return null;
  return (await registration())?.pushManager ?? null;
}

async function subscribed(manager: PushManager, key: string): Promise<PushSubscription> {
  const old = await manager.getSubscription();
  // Of another installation, or from before a database was made anew: a browser does not change the key of one.
  if (old !== null && base64url(old.options.applicationServerKey) !== key) await old.unsubscribe();
  return manager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
}

async function rowOf({ endpoint }: PushSubscription): Promise<PushSubscriptionRow | undefined> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(endpoint)));
  const fingerprint = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return (await pushApi.list()).data.find((row) => row.fingerprint === fingerprint);
}

function base64url(key: ArrayBuffer | null): string {
  const text = btoa(String.fromCharCode(...new Uint8Array(key ?? new ArrayBuffer(0))));
  return text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

function isUninstalledPhone(): boolean {
  return 'standalone' in navigator && navigator.standalone !== true && navigator.maxTouchPoints > 1;
}
