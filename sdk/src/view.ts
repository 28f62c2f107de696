/** What stands in the element's shadow, and how a video is drawn there. */

import style from './style.css?inline';
import type { Problem, Video, VideoState } from './types.ts';
import type { Messages } from './words.ts';

const STEPS = ['requested', 'rendering', 'rendered', 'archiving', 'ready'];
/** On which of them a video stands that goes no further. */
const STOPPED: { [state in VideoState]?: number } = { failed: 1, unarchived: 3 };

export type View = ReturnType<typeof buildView>;

/** Made by hand and styled by a sheet of its own: a page may forbid inline styles, and markup made of strings. */
function make<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  part: string,
  ...children: Node[]
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  if (part) element.setAttribute('part', part);
  element.append(...children);
  return element;
}

function slot(name: string, ...children: Node[]): HTMLSlotElement {
  const element = make('slot', '', ...children);
  element.name = name;
  return element;
}

let sheet: CSSStyleSheet | undefined;

export function buildView(host: HTMLElement) {
  const root = host.attachShadow({ mode: 'open' });
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(style);
  }
  root.adoptedStyleSheets = [sheet];

  const player = make('video', 'player');
  player.controls = player.playsInline = true;
  player.preload = 'metadata';
  const ring = make('div', 'ring');
  ring.role = 'progressbar';
  const title = slot('title');
  const status = make('div', 'status');
  const frames = STEPS.map(() => make('div', 'frame'));
  const failure = make('p', 'failure');
  // What is put into an output is read out, politely.
  const live = make('output', 'live');
  const ready = slot('ready', player);
  const waiting = slot('waiting', make('div', 'strip', ...frames));
  const failed = slot('failed', failure);
  const text = make('div', 'text', make('div', 'title', title), status);
  root.append(ready, make('div', 'panel', ring, text), waiting, failed, live);
  return { player, ring, title, status, frames, failure, live, ready, waiting, failed };
}

export function titleOf(video: Video, words: Messages): string {
  return video.title || words.untitled;
}

export function draw(view: View, words: Messages, video: Video | undefined, problem: Problem | undefined): void {
  const { ring, frames, ready, waiting, failed } = view;
  const state = video?.state ?? 'requested';
  const isReady = state === 'ready';
  const stoppedAt = STOPPED[state];
  const index = stoppedAt ?? STEPS.indexOf(state);
  const { bytes = 0, total } = video?.progress ?? {};
  const fill = total ? bytes / total : 0;
  frames.forEach((frame, at) => {
    const here = stoppedAt ? 'broken' : total ? 'filling' : 'running';
    frame.setAttribute('part', `frame ${at < index ? 'done' : at > index ? 'waiting' : here}`);
    frame.style.setProperty('--_fill', at === index && total ? `${fill}` : '');
  });
  const done = (index + fill) / STEPS.length;
  ring.style.setProperty('--_done', `${done}`);
  ring.ariaLabel = words.step(words[state], index + 1, STEPS.length);
  ring.ariaValueNow = `${Math.round(done * 100)}`;
  ring.textContent = stoppedAt ? '!' : `${index + 1}/${STEPS.length}`;
  ring.hidden = waiting.hidden = !video || isReady;
  ready.hidden = !isReady;
  view.title.textContent = video ? titleOf(video, words) : '';
  view.status.textContent = video ? statusWords(video, words) : problem ? '' : words.loading;
  const why = video ? whyStopped(view, video, words) : problem && (problem.retry ? words.lost : words.missing);
  view.failure.textContent = why ?? '';
  failed.hidden = !why;
}

/** "Rendering · about 3 min left": an ETA is there only when our own history supports one. */
function statusWords({ state, late, eta_at, progress }: Video, words: Messages): string {
  const parts = [words[state]];
  const left = Date.parse(eta_at ?? '') - Date.now();
  if (progress) parts.push(words.bytes(megabytes(progress.bytes), progress.total ? megabytes(progress.total) : ''));
  else if (left > 0) parts.push(words.minutes(Math.round(left / 60_000)));
  if (late) parts.push(words.late);
  return parts.join(' · ');
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}

function whyStopped({ player }: View, { state, failure }: Video, words: Messages): string | null | undefined {
  if (state === 'unarchived') return words.unarchivedWhy;
  if (state === 'ready') return player.error ? words.noPlayback : undefined;
  return failure && `${words[failure.by]}${failure.message ? `: ${failure.message.replace(/\.$/, '')}` : ''}.`;
}
