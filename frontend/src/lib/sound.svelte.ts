/**
 * Sound on this device. It is off until the person turns it on here, and a browser plays nothing before a page was touched:
 * `state` says honestly which of these it is.
 */

import { drawn, type Tone } from './tones.ts';

export type SoundState =
  /** The person did not turn it on here. */
  | 'off'
  /** It is on, and the browser waits for a touch or a key. */
  | 'locked'
  | 'ready'
  | 'unsupported';

const ON_KEY = 'reelhook.sound';

/** What a test replaces. */
export interface SoundWorld {
  store: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
  /** Undefined where the browser has no WebAudio. */
  context: (() => AudioContext) | undefined;
  /** Calls back with each touch or key. Returns how to stop. */
  onGesture(run: () => void): () => void;
}

export class Sound {
  state = $state<SoundState>('off');
  /** 0 to 100, as the person chose it for all devices. */
  volume = $state(70);
  readonly #world: SoundWorld;
  readonly #kept = new Map<Tone, AudioBuffer>();
  #context: AudioContext | null = null;
  #stopWaiting: (() => void) | null = null;

  constructor(world: SoundWorld = theBrowser()) {
    this.#world = world;
    if (world.context === undefined) this.state = 'unsupported';
    else if (isOn(world.store)) this.#wait();
  }

  get isOn(): boolean {
    return this.state === 'locked' || this.state === 'ready';
  }

  /** Call it from a click: that is the touch which the browser waits for. */
  async turnOn(): Promise<SoundState> {
    if (this.state === 'unsupported') return this.state;
    write(this.#world.store, true);
    this.#wait();
    await this.#unlock();
    return this.state;
  }

  turnOff(): void {
    if (this.state === 'unsupported') return;
    write(this.#world.store, false);
    this.#stopWaiting?.();
    this.#stopWaiting = null;
    void this.#context?.close();
    this.#context = null;
    this.#kept.clear();
    this.state = 'off';
  }

  /** Whether it was heard, as far as a page can know. */
  play(tone: Tone): boolean {
    const context = this.#context;
    if (context === null || this.state !== 'ready') return false;
    const source = new AudioBufferSourceNode(context, { buffer: this.#buffer(context, tone) });
    // What is twice as loud to the ear is far more than twice the number.
    const gain = new GainNode(context, { gain: (this.volume / 100) ** 2 });
    source.connect(gain).connect(context.destination);
    source.start();
    return true;
  }

  #buffer(context: AudioContext, tone: Tone): AudioBuffer {
    let buffer = this.#kept.get(tone);
    if (buffer === undefined) {
      const samples = drawn(tone, context.sampleRate);
      buffer = new AudioBuffer({ length: samples.length, sampleRate: context.sampleRate });
      buffer.copyToChannel(samples, 0);
      this.#kept.set(tone, buffer);
    }
    return buffer;
  }

  /** Until the next touch: also after a call or another app took the speaker away (iOS). */
  #wait(): void {
    this.state = 'locked';
    this.#stopWaiting ??= this.#world.onGesture(() => void this.#unlock());
  }

  async #unlock(): Promise<void> {
    this.#context ??= this.#opened();
    const context = this.#context;
    if (context === null) return;
    // Without a touch it may wait for ever; the next touch then finds it again.
    await context.resume().catch(() => undefined);
    this.#judge(context);
  }

  #opened(): AudioContext | null {
    const context = this.#world.context?.() ?? null;
    if (context !== null) context.onstatechange = () => this.#judge(context);
    return context;
  }

  #judge(context: AudioContext): void {
    if (context !== this.#context) return;
    if (context.state !== 'running') {
      this.#wait();
      return;
    }
    this.#stopWaiting?.();
    this.#stopWaiting = null;
    this.state = 'ready';
  }
}

function isOn(store: SoundWorld['store']): boolean {
  try {
    return store.getItem(ON_KEY) === 'on';
  } catch {
    return false;
  }
}

function write(store: SoundWorld['store'], on: boolean): void {
  try {
    if (on) store.setItem(ON_KEY, 'on');
    else store.removeItem(ON_KEY);
  } catch {
    // Forbidden storage: it holds for this visit.
  }
}

function theBrowser(): SoundWorld {
  return {
    store: localStorage,
    context: typeof AudioContext === 'undefined' ? undefined : () => new AudioContext({ latencyHint: 'interactive' }),
    onGesture: (run) => {
      const listeners = new AbortController();
      for (const name of ['pointerup', 'keydown', 'touchend']) {
        document.addEventListener(name, run, { signal: listeners.signal, passive: true });
      }
      return () => listeners.abort();
    },
  };
}

let one: Sound | undefined;

/** This page's sound. */
export function sound(): Sound {
  one ??= new Sound();
  return one;
}
