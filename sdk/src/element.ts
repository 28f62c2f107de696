/** `<reelhook-video video-id=…>`: one video's way, and then the video itself. */

import { createClient } from './client.ts';
import { showFilm } from './film.ts';
import { refusal } from './problem.ts';
import { awaitGesture, ring } from './sound.ts';
import type { Client, Problem, Token, Video, VideoState } from './types.ts';
import { buildView, draw, titleOf } from './view.ts';
import { type Messages, messages } from './words.ts';

const TAG = 'reelhook-video';
/** An ETA comes nearer without being told. */
const TICK = 15_000;

/** What `reelhook:state`, `reelhook:ready` and `reelhook:failed` carry. `before` is null at the first telling. */
export interface StateDetail {
  video: Video;
  before: VideoState | null;
}

export interface ReelhookVideoElement extends HTMLElement {
  /** Who follows the video: this, or else what its attributes name, or else the client of `defineReelhook`. */
  client: Client | undefined;
  /** Other words than the usual ones. */
  messages: Partial<Messages>;
  readonly video: Video | undefined;
}

declare global {
  interface HTMLElementTagNameMap {
    'reelhook-video': ReelhookVideoElement;
  }
  interface HTMLElementEventMap {
    'reelhook:state': CustomEvent<StateDetail>;
    'reelhook:ready': CustomEvent<StateDetail>;
    'reelhook:failed': CustomEvent<StateDetail>;
    'reelhook:problem': CustomEvent<Problem>;
  }
}

/** Where Reelhook is, for elements that do not say it. */
export const home = { url: '' };

let usual: Client | undefined;
const elements = new Set<{ bind(): void }>();
/** Elements with the same attributes share a client. */
const named = new Map<string, Client>();

/** Define the element, once; `client` follows the videos of all elements that have no other. */
export function defineReelhook(client?: Client): void {
  usual = client ?? usual;
  const bindAll = () => {
    for (const element of elements) element.bind();
  };
  if (!customElements.get(TAG)) {
    customElements.define(TAG, elementClass());
    setInterval(bindAll, TICK);
  }
  bindAll();
}

function clientOf(host: HTMLElement): Client | undefined {
  const [url, token, tokenUrl] = ['url', 'token', 'token-url'].map((name) => host.getAttribute(name));
  if (!token && !tokenUrl) return usual;
  const key = [url, token, tokenUrl].join();
  const getToken = token ? () => token : () => askFor(tokenUrl as string);
  const client = named.get(key) ?? createClient({ url: url ?? home.url, getToken });
  named.set(key, client);
  return client;
}

async function askFor(tokenUrl: string): Promise<Token> {
  const response = await fetch(tokenUrl, { cache: 'no-store' });
  if (!response.ok) throw await refusal(response);
  return response.json();
}

/** A function, so that a server without a DOM can import this. */
function elementClass(): CustomElementConstructor {
  return class extends HTMLElement implements ReelhookVideoElement {
    static observedAttributes = ['video-id', 'url', 'token', 'token-url'];
    #view = buildView(this);
    #own: Client | undefined;
    #words = messages;
    #video: Video | undefined;
    #problem: Problem | undefined;
    #client: Client | undefined;
    #id = '';
    #stop: (() => void) | undefined;

    get client() {
      return this.#own;
    }

    set client(client) {
      this.#own = client;
      this.bind();
    }

    get messages() {
      return this.#words;
    }

    set messages(words: Partial<Messages>) {
      this.#words = { ...messages, ...words };
      this.#draw();
    }

    get video() {
      return this.#video;
    }

    connectedCallback() {
      elements.add(this);
      if (this.hasAttribute('sound')) awaitGesture();
      this.#view.player.onerror = () => this.#draw();
      this.bind();
    }

    disconnectedCallback() {
      elements.delete(this);
      this.bind();
    }

    attributeChangedCallback() {
      this.bind();
    }

    /** Follow what the attributes name now, and draw what is known. */
    bind() {
      const id = this.getAttribute('video-id') ?? '';
      const client = this.isConnected && id ? (this.#own ?? clientOf(this)) : undefined;
      if (client !== this.#client || id !== this.#id) {
        this.#stop?.();
        this.#video = this.#problem = undefined;
        this.removeAttribute('state');
        this.#client = client;
        this.#id = id;
        this.#stop = client?.subscribe(
          id,
          (video) => this.#changed(video),
          (problem) => this.#troubled(problem),
        );
      }
      this.#draw();
    }

    #changed(video: Video) {
      const { state } = video;
      const before = this.#video?.state ?? null;
      this.#video = video;
      this.#problem = undefined;
      this.setAttribute('state', state);
      this.#draw();
      if (state === before) return;
      if (before) {
        this.#view.live.textContent = this.#words.announce(titleOf(video, this.#words), this.#words[state]);
        if (this.hasAttribute('sound')) {
          if (state === 'ready') ring(video.id + state, 660, 880);
          if (state === 'failed') ring(video.id + state, 220, 220);
        }
      }
      this.#emit('state', { video, before });
      if (state === 'ready' || state === 'failed') this.#emit(state, { video, before });
    }

    #troubled(problem: Problem) {
      this.#problem = problem;
      if (!problem.retry && problem.videoId) this.#video = undefined;
      this.#draw();
      this.#emit('problem', problem);
    }

    #draw() {
      if (this.#video && this.#client) showFilm(this.#view, this.#video, this.#client, this.#words);
      draw(this.#view, this.#words, this.#video, this.#problem);
    }

    #emit(name: string, detail: StateDetail | Problem) {
      this.dispatchEvent(new CustomEvent(`reelhook:${name}`, { detail, bubbles: true, composed: true }));
    }
  };
}
