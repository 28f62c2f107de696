/** Where push messages for this browser go: made, told to the server, and taken back. Used by page and worker alike. */

const PATH = '/api/v1/me/push-subscriptions';

export type Send = (path: string, init: RequestInit) => Promise<Response>;

/** The subscription as the server wants it, with the name of the device. */
export function told(subscription: PushSubscription, device: string | null) {
  const { endpoint, keys } = subscription.toJSON();
  return { endpoint, keys: { p256dh: keys?.p256dh, auth: keys?.auth }, device };
}

/** The browser let the subscription end: make another one, with the key that the server has now. */
export async function renewed(manager: PushManager, send: Send): Promise<void> {
  const answer = await send('/api/v1/me/push-key', {});
  if (!answer.ok) return;
  const { key } = (await answer.json()) as { key: string };
  const subscription = await manager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  await send(PATH, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-Reelhook': '1' },
    body: JSON.stringify(told(subscription, null)),
  });
}
