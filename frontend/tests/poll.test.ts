import { expect, it } from 'vitest';
import { Poll, type PollWorld } from '../src/lib/poll.ts';

/** A world whose only timer is run by hand. */
function world() {
  const timers: { run: () => void; ms: number }[] = [];
  const page = { visible: true, returned: (): void => undefined, listening: false };
  const fake: PollWorld = {
    setTimeout: (run, ms) => {
      const timer = { run, ms };
      timers.push(timer);
      return timer;
    },
    clearTimeout: (timer) => {
      const index = timers.indexOf(timer as (typeof timers)[number]);
      if (index >= 0) timers.splice(index, 1);
    },
    isVisible: () => page.visible,
    onReturn: (run) => {
      Object.assign(page, { returned: run, listening: true });
      return () => {
        page.listening = false;
      };
    },
  };
  const settle = () => new Promise((done) => setImmediate(done));
  const next = async () => {
    timers[0]?.run();
    await settle();
  };
  return { fake, timers, page, settle, next };
}

function poll(answers: boolean[], fake: PollWorld) {
  const asked: number[] = [];
  const one = new Poll(
    async () => {
      asked.push(asked.length);
      return answers[asked.length - 1] ?? true;
    },
    5_000,
    fake,
  );
  return { one, asked };
}

it('asks at once, then after each pause', async () => {
  const { fake, timers, settle, next } = world();
  const { one, asked } = poll([], fake);
  one.start();
  await settle();
  expect([asked.length, timers.map(({ ms }) => ms)]).toEqual([1, [5_000]]);
  await next();
  expect([asked.length, timers.length]).toEqual([2, 1]);
});

it('waits twice as long after each failure, a minute at most, and is itself again after a success', async () => {
  const { fake, timers, settle, next } = world();
  const { one } = poll([false, false, false, false, false, true], fake);
  one.start();
  await settle();
  const pauses = [];
  for (let round = 0; round < 6; round += 1) {
    pauses.push(timers[0]?.ms);
    await next();
  }
  expect(pauses).toEqual([10_000, 20_000, 40_000, 60_000, 60_000, 5_000]);
});

it('does not ask while nobody looks, and asks at once when somebody does again', async () => {
  const { fake, page, settle, next } = world();
  const { one, asked } = poll([], fake);
  one.start();
  await settle();
  page.visible = false;
  await next();
  expect(asked).toHaveLength(1);
  page.visible = true;
  page.returned();
  await settle();
  expect(asked).toHaveLength(2);
});

it('asks soon when something changed, also when it was just asking', async () => {
  const { fake, timers, settle, next } = world();
  const { one } = poll([], fake);
  one.start();
  one.soon();
  await settle();
  expect(timers.map(({ ms }) => ms)).toEqual([1_000]);
  await next();
  expect(timers.map(({ ms }) => ms)).toEqual([5_000]);
  one.soon();
  one.soon();
  expect(timers.map(({ ms }) => ms)).toEqual([1_000]);
});

it('is silent once it is stopped, in the middle of a question too', async () => {
  const { fake, timers, page, settle } = world();
  const { one, asked } = poll([], fake);
  const stop = one.start();
  stop();
  await settle();
  one.soon();
  expect([asked.length, timers.length, page.listening]).toEqual([1, 0, false]);
  page.returned();
  expect(asked).toHaveLength(1);
});
