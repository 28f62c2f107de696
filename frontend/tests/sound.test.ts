import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Sound } from '../src/lib/sound.svelte.ts';

class FakeContext {
  state: AudioContextState = 'suspended';
  sampleRate = 8_000;
  destination = {};
  onstatechange: (() => void) | null = null;
  resume = vi.fn(async () => this.becomes('running'));
  close = vi.fn(async () => this.becomes('closed'));

  becomes(state: AudioContextState): void {
    this.state = state;
    this.onstatechange?.();
  }
}

const started: { buffer: { length: number }; gain: number }[] = [];

function setUp({ on = false, supported = true } = {}) {
  const store = new Map<string, string>(on ? [['reelhook.sound', 'on']] : []);
  const context = new FakeContext();
  let touch: (() => void) | null = null;
  const sound = new Sound({
    store: {
      getItem: (key) => store.get(key) ?? null,
      setItem: (key, value) => void store.set(key, value),
      removeItem: (key) => void store.delete(key),
    },
    context: supported ? () => context as unknown as AudioContext : undefined,
    onGesture: (run) => {
      touch = run;
      return () => {
        touch = null;
      };
    },
  });
  const gesture = async () => {
    touch?.();
    await Promise.resolve();
    await Promise.resolve();
    await Promise.resolve();
  };
  return { sound, context, store, gesture, waits: () => touch !== null };
}

beforeEach(() => {
  started.length = 0;
  vi.stubGlobal(
    'AudioBuffer',
    class {
      readonly length: number;
      constructor({ length }: { length: number }) {
        this.length = length;
      }
      copyToChannel() {}
    },
  );
  vi.stubGlobal(
    'GainNode',
    class {
      constructor(
        _: unknown,
        readonly options: { gain: number },
      ) {}
      connect = () => undefined;
    },
  );
  vi.stubGlobal(
    'AudioBufferSourceNode',
    class {
      #gain = 0;
      constructor(
        _: unknown,
        readonly options: { buffer: { length: number } },
      ) {}
      connect(node: { options: { gain: number } }) {
        this.#gain = node.options.gain;
        return node;
      }
      start() {
        started.push({ buffer: this.options.buffer, gain: this.#gain });
      }
    },
  );
});

describe('sound', () => {
  it('is off until the person turns it on, and then plays at the volume they chose', async () => {
    const { sound, store } = setUp();
    expect(sound.state).toBe('off');
    expect(sound.play('ready')).toBe(false);
    expect(await sound.turnOn()).toBe('ready');
    expect(store.get('reelhook.sound')).toBe('on');
    sound.volume = 50;
    expect(sound.play('ready')).toBe(true);
    expect(started).toEqual([{ buffer: expect.objectContaining({ length: 7_200 }), gain: 0.25 }]);
  });

  it('is locked in a new page until it is touched', async () => {
    const { sound, gesture, waits } = setUp({ on: true });
    expect([sound.state, sound.isOn]).toEqual(['locked', true]);
    expect(sound.play('failed')).toBe(false);
    await gesture();
    expect([sound.state, waits()]).toEqual(['ready', false]);
  });

  it('says that it is locked again when the phone took the speaker away, and comes back with a touch', async () => {
    const { sound, context, gesture } = setUp();
    await sound.turnOn();
    context.becomes('suspended');
    expect(sound.state).toBe('locked');
    expect(sound.play('ready')).toBe(false);
    await gesture();
    expect(sound.state).toBe('ready');
  });

  it('stays locked when the browser does not let it', async () => {
    const { sound, context, waits } = setUp();
    context.resume.mockRejectedValueOnce(new Error('not allowed'));
    expect(await sound.turnOn()).toBe('locked');
    expect(waits()).toBe(true);
  });

  it('is silent at once when it is turned off, and stays so in the next page', async () => {
    const { sound, context, store } = setUp();
    await sound.turnOn();
    sound.turnOff();
    expect([sound.state, sound.play('ready'), store.size]).toEqual(['off', false, 0]);
    expect(context.close).toHaveBeenCalledOnce();
  });

  it('says so where a browser cannot', async () => {
    const { sound } = setUp({ supported: false });
    sound.turnOff();
    expect([sound.state, await sound.turnOn()]).toEqual(['unsupported', 'unsupported']);
  });
});
