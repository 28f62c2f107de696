import { describe, expect, it } from 'vitest';
import { Problem } from '../src/lib/api.ts';
import { browserId, REMEMBERED, SeenLedger, SeenReporter } from '../src/lib/seen.ts';

function memory(): Pick<Storage, 'getItem' | 'setItem'> {
  const values = new Map<string, string>();
  return { getItem: (key) => values.get(key) ?? null, setItem: (key, value) => void values.set(key, value) };
}

const broken: Pick<Storage, 'getItem' | 'setItem'> = {
  getItem: () => {
    throw new Error('forbidden');
  },
  setItem: () => {
    throw new Error('forbidden');
  },
};

function reporter(send: (id: string) => Promise<void>, store = memory()) {
  const idle: (() => void)[] = [];
  const report = new SeenReporter(new SeenLedger(store), send, (run) => idle.push(run));
  const rest = async () => {
    idle.shift()?.();
    await new Promise((done) => setImmediate(done));
  };
  return { report, idle, rest, store };
}

describe('what was seen', () => {
  it('is collected, and sent only when the page is idle, once each', async () => {
    const sent: string[] = [];
    const { report, idle, rest } = reporter(async (id) => void sent.push(id));
    report.saw('a');
    report.saw('b');
    report.saw('a');
    expect([sent.length, idle.length]).toEqual([0, 1]);
    await rest();
    report.saw('a');
    expect(sent).toEqual(['a', 'b']);
    expect(idle).toHaveLength(0);
  });

  it('is remembered by the next page', async () => {
    const { report, rest, store } = reporter(async () => undefined);
    report.saw('a');
    await rest();
    expect(reporter(async () => undefined, store).report.isNews('a')).toBe(false);
  });

  it('is told again later when no answer came, and never again when it was refused', async () => {
    const answers = [new Problem(0, 'network', 'away'), new Problem(404, 'not_found', 'gone')];
    const { report, rest } = reporter(async () => {
      throw answers.shift();
    });
    report.saw('a');
    await rest();
    expect(report.isNews('a')).toBe(true);
    report.saw('a');
    await rest();
    expect(report.isNews('a')).toBe(false);
  });

  it('is a bounded memory that forgets the oldest', () => {
    const ledger = new SeenLedger(memory());
    for (let index = 0; index <= REMEMBERED; index += 1) ledger.add(`v${index}`);
    expect([ledger.has('v0'), ledger.has('v1'), ledger.has(`v${REMEMBERED}`)]).toEqual([false, true, true]);
  });

  it('lives with a storage that is forbidden', () => {
    const ledger = new SeenLedger(broken);
    ledger.add('a');
    expect(ledger.has('a')).toBe(true);
    expect(browserId(broken, () => 'r')).toBe('r');
  });
});

it('keeps one random name for this browser', () => {
  const store = memory();
  expect([browserId(store, () => 'one'), browserId(store, () => 'two')]).toEqual(['one', 'one']);
});
