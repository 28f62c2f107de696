import { expect, it } from 'vitest';
import * as sdk from '../src/index.ts';

it('can be imported, and a client made, where there is no page', () => {
  expect(globalThis.document).toBeUndefined();
  const client = sdk.createClient({ url: 'https://reelhook.example', getToken: () => 'token' });
  expect([client.status, client.get('any')]).toEqual(['idle', undefined]);
  expect(Object.keys(sdk).sort()).toEqual(['createClient', 'defineReelhook', 'messages']);
});
