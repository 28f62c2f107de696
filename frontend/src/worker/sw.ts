/// <reference lib="webworker" />
/** The service worker: the app without a network, and notifications without a page. It never touches the API's answers. */

import type { Pushed, Said, ToWorker } from './messages.ts';
import { open } from './opening.ts';
import { type Build, isAsset, isPage, Shell } from './shell.ts';
import { Showing } from './showing.ts';
import { Shown } from './shown.ts';
import { renewed } from './subscription.ts';

declare const self: ServiceWorkerGlobalScope;
/** Put in when the app is built. */
declare const BUILD: Build;

const shell = new Shell(BUILD, caches, (request) => fetch(request));
const shown = new Shown(caches);
const showing = new Showing({
  wasShown: (id) => shown.has(id),
  remember: (id) => shown.add(id),
  show,
  watched: async () => (await pages()).filter(({ visibilityState }) => visibilityState === 'visible'),
  claim,
  badge: async (unseen) => self.navigator.setAppBadge?.(unseen).catch(() => undefined),
  mustShow: /AppleWebKit\//.test(navigator.userAgent) && !/Chrome\//.test(navigator.userAgent),
});

self.addEventListener('install', (event) => {
  event.waitUntil(shell.keep().then(() => self.skipWaiting()));
});

self.addEventListener('activate', (event) => {
  event.waitUntil(Promise.all([shell.tidy(), self.clients.claim()]));
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== self.location.origin) return;
  if (request.mode === 'navigate') {
    if (isPage(url)) event.respondWith(shell.page(request));
  } else if (isAsset(url)) event.respondWith(shell.asset(request));
});

self.addEventListener('push', (event) => {
  const said = event.data?.json() as Pushed | undefined;
  if (said !== undefined) event.waitUntil(showing.pushed(said));
});

self.addEventListener('message', (event) => {
  const message = event.data as ToWorker;
  if (message.kind === 'show') event.waitUntil(showing.asked(message.said, message.device));
  else event.waitUntil(takeAway(message.ids));
});

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  const { url } = event.notification.data as Said;
  const openWindow = (address: string) => self.clients.openWindow(address);
  event.waitUntil(open(url, { origin: self.location.origin, pages, openWindow }));
});

self.addEventListener('pushsubscriptionchange', (event) => {
  event.waitUntil(renewed(self.registration.pushManager, (path, init) => fetch(path, init)));
});

async function show(said: Said, silent: boolean): Promise<void> {
  await self.registration.showNotification(said.title, {
    body: said.body,
    tag: said.id,
    icon: '/icons/icon-192.png',
    badge: '/icons/badge-96.png',
    data: said,
    silent,
  });
}

async function takeAway(ids: string[] | null): Promise<void> {
  const open = await self.registration.getNotifications();
  for (const one of open) if (ids === null || ids.includes(one.tag)) one.close();
}

async function claim(id: string, device: string): Promise<boolean> {
  const answer = await fetch(`/api/v1/me/notifications/${encodeURIComponent(id)}/claim`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-Reelhook': '1' },
    body: JSON.stringify({ effect: 'browser', device }),
  });
  return answer.ok && ((await answer.json()) as { mine: boolean }).mine;
}

async function pages(): Promise<readonly WindowClient[]> {
  const all = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  return all.filter((one) => one.frameType !== 'nested' && isPage(new URL(one.url)));
}
