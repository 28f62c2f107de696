import { expect, it } from 'vitest';
import { Problem } from '../src/lib/api.ts';
import { Session } from '../src/lib/session.svelte.ts';
import type { Principal } from '../src/lib/types.ts';

const lena: Principal = { kind: 'person', id: 'p1', name: 'lena@example.com', role: 'operator', scopes: [] };
const unauthorized = new Problem(401, 'unauthorized', 'Sign in first');

it('takes a 401 as "nobody", and throws any other problem', async () => {
  const answers = [unauthorized, new Problem(503, 'away', 'Away')];
  const session = new Session(async () => {
    throw answers.shift();
  });
  await session.load();
  expect(session.principal).toBeNull();
  await expect(session.load()).rejects.toThrow('Away');
});

it('lets a sign-in stand that overtook the first question', async () => {
  let refuse: (reason: Problem) => void = () => undefined;
  const session = new Session(
    () =>
      new Promise((_, reject) => {
        refuse = reject;
      }),
  );
  const asked = session.load();
  session.become(lena);
  refuse(unauthorized);
  await asked;
  expect(session.principal).toEqual(lena);
  expect(session.mayOperate).toBe(true);
});

it('goes on knocking unless the server clearly says no', async () => {
  const answers = [new Problem(0, 'network', 'away'), new Problem(503, 'away', 'Away'), unauthorized];
  const session = new Session(async () => {
    throw answers.shift();
  });
  expect([await session.stillSignedIn(), await session.stillSignedIn(), await session.stillSignedIn()]).toEqual([
    true,
    true,
    false,
  ]);
});

it('does not go on for somebody else who signed in meanwhile', async () => {
  const answers = [lena, lena, { ...lena, id: 'p2' }];
  const session = new Session(async () => ({ principal: answers.shift() as Principal }));
  await session.load();
  expect([await session.stillSignedIn(), await session.stillSignedIn()]).toEqual([true, false]);
});
