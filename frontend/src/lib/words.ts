/** Every word the app says, in one place: plain, and naming the thing. */

import { jobWords } from './job-words.ts';
import type { FilterName, Frame, FrameName } from './states.ts';
import { plural, sentence, upperFirst } from './text.ts';
import { translated } from './translated.ts';
import type { Failure, InboxEvent, Principal, StoredAsset, VideoState } from './types.ts';

export const words = {
  name: 'Reelhook',
  home: 'Reelhook, all videos',
  skip: 'Skip to the content',
  pages: {
    label: 'Pages',
    board: 'Board',
    jobs: 'Jobs',
    'front-door': 'Front door',
    health: 'Health',
    settings: 'Settings',
    account: 'Your account',
    new: 'New video',
  },
  sections: {
    deliveries: 'Deliveries',
    rejections: 'Rejections',
    senders: 'Senders',
    drift: 'Event shapes',
    incidents: 'Incidents',
    errors: 'Errors',
    rules: 'Rules',
    objectives: 'Objectives',
    processes: 'Processes',
    analytics: 'Analytics',
    heygen: 'HeyGen',
    stores: 'Stores',
    keeping: 'What is kept',
    telling: 'Notifications',
    people: 'People',
    keys: 'API keys',
    webhooks: 'Webhooks out',
    audit: 'Audit log',
    profile: 'Profile',
    notifications: 'Notifications',
  },
  jobs: jobWords,
  page: {
    loading: 'The page is loading',
    stale: 'This may be out of date.',
    error: 'The page could not be loaded',
    errorBody: 'Its code did not come through. Is the network there?',
  },

  titles: {
    board: 'Videos',
    video: 'Video',
    signIn: 'Sign in',
    firstAdmin: 'Create the first admin',
    notFound: 'Not found',
    page: (name: string) => `${name} · Reelhook`,
  },

  state: {
    requested: 'Requested',
    rendering: 'Rendering',
    rendered: 'Rendered',
    archiving: 'Archiving',
    ready: 'Ready',
    failed: 'Failed',
    unarchived: 'Not archived yet',
  } satisfies Record<VideoState, string>,

  strip: {
    running: (name: FrameName, step: number, of: number) => `${words.state[name]}, step ${step} of ${of}`,
    broken: (name: FrameName, step: number, of: number) => `Stopped at ${words.state[name]}, step ${step} of ${of}`,
    done: (of: number) => `Ready, all ${of} steps done`,
    percent: (percent: number) => `${percent} percent copied`,
  },

  /** What a button does, for those who do not see what it stands beside. */
  about: (act: string, what: string) => `${act}: ${what}`,
  late: 'Longer than usual',
  untitled: 'Untitled video',
  duration: (time: string) => `Duration ${time}`,

  eta: {
    lessThanMinute: 'less than a minute left',
    minutes: (count: number) => `about ${count} min left`,
    hours: (count: number) => `about ${count} h left`,
  },
  progress: {
    of: (part: string, whole: string) => `${part} of ${whole}`,
    soFar: (part: string) => `${part} so far`,
  },
  ago: {
    now: 'just now',
    minutes: (count: number) => `${count} min ago`,
    hours: (count: number) => `${count} h ago`,
    days: (count: number) => (count === 1 ? 'yesterday' : `${count} days ago`),
  },
  ahead: {
    moment: 'in a moment',
    seconds: (count: number) => `in ${count} s`,
    minutes: (count: number) => `in ${count} min`,
    hours: (count: number) => `in ${count} h`,
    days: (count: number) => `in ${count} days`,
  },

  failure: {
    heygen: 'HeyGen refused',
    reelhook: 'Reelhook gave up',
    silent: { heygen: 'no reason was given', reelhook: 'nothing came from HeyGen' },
    unarchived: 'Not archived yet: needs a person',
    unarchivedWhy: 'HeyGen made the video, but it could not be copied to its permanent place.',
  },

  filter: {
    all: 'All',
    progress: 'In progress',
    ready: 'Ready',
    attention: 'Needs attention',
  } satisfies Record<FilterName, string>,
  filters: 'Show',

  palette: { open: 'Search and commands', hint: 'Search and commands (Ctrl K or ⌘ K)' },
  search: { label: 'Search videos', placeholder: 'Search' },

  connection: {
    live: { label: 'Live', hint: 'Changes appear here by themselves.' },
    connecting: { label: 'Connecting', hint: 'Opening the live connection.' },
    reconnecting: { label: 'Reconnecting', hint: 'The live connection is being restored. Nothing is missed.' },
    offline: { label: 'Offline', hint: 'This device has no network. What you see may be old.' },
    superseded: { label: 'Paused', hint: 'This browser made room for another one and stopped following.' },
  },
  superseded: {
    title: 'Paused: what you see is not moving',
    body: 'You follow in more places at once than one person may, so this browser, the oldest of them, made room. The videos go on, and none is lost.',
    again: 'Follow here',
  },
  offlineNotice: 'You are offline. This is the last we know; it goes on by itself when the network is back.',

  board: {
    loading: 'Loading the videos',
    older: 'Show older',
    loadingOlder: 'Loading older videos',
    end: 'That is everything.',
    error: 'The videos could not be loaded',
    again: 'Try again',
  },
  empty: {
    progress: { title: 'Nothing is running', body: 'Every video that was asked for has arrived at its end.' },
    ready: { title: 'Nothing is ready yet', body: 'A video shows here once it is kept in its permanent place.' },
    attention: { title: 'Nobody is needed', body: 'No video has failed, and every one of them is kept.' },
  } satisfies Record<Exclude<FilterName, 'all'>, { title: string; body: string }>,
  showAll: 'Show all videos',

  retry: {
    failed: 'Try again as a new video',
    unarchived: 'Try to archive again',
    busy: 'Asking',
    asked: 'Asked again',
    newVideo: 'A new video was asked for.',
  },

  video: {
    loading: 'Loading the video',
    error: 'This video could not be loaded',
    missing: 'There is no such video',
    missingBody: 'It may have been deleted, or the address is not quite right.',
    back: 'All videos',
    download: 'Download',
    copyLink: 'Copy link',
    copied: 'Copied',
    copyFailed: 'Copy it from here',
    facts: 'Facts',
    captions: 'Captions',
    noPlayback: 'This browser cannot play the video. Download it instead.',
    versions: 'Also kept',
    deadLetter: 'The whole story',
    deadLetters: (count: number) => `The whole story of ${count} jobs`,
  },

  facts: {
    id: 'Video id',
    heygen: 'HeyGen id',
    subject: 'Subject',
    bytes: 'Size',
    duration: 'Duration',
    exact: (count: string) => `${count} bytes`,
    sha256: 'SHA-256',
    store: 'Store',
    requested: 'Requested',
    changed: 'Last change',
  },
  role: {
    video: 'Video',
    poster: 'Poster',
    captions: 'Captions',
    gif: 'GIF',
    captioned: 'Captioned version',
  } satisfies Record<StoredAsset['role'], string>,
  pendingAsset: 'not kept yet',

  events: {
    title: 'Raw events',
    open: 'Raw events and replay',
    intro: 'Every message about this video, as it came in.',
    none: 'No event has arrived for this video yet.',
    forbidden: 'Raw events are for operators.',
    more: 'Show older events',
    source: {
      webhook: 'webhook',
      callback: 'callback, unsigned',
      reconcile: 'found by reconcile',
    } satisfies Record<InboxEvent['source'], string>,
    state: {
      pending: 'pending',
      applied: 'applied',
      ignored: 'ignored',
    } satisfies Record<InboxEvent['state'], string>,
    duplicates: (count: number) => plural(count, 'duplicate', 'duplicates'),
    loading: 'Loading the message',
    body: 'Body',
    headers: 'Headers',
    attempts: 'Deliveries',
    original: 'first',
    duplicate: 'duplicate',
    unsigned: 'no signature',
    emptyBody: 'The body was empty.',
    replay: 'Replay',
    replayHint: 'Apply this event again. One that is applied already changes nothing.',
    replaying: 'Asking',
    replayed: (type: string) => `${type} is applied again.`,
    replays: (count: number, ago: string | null) =>
      (count === 1 ? 'replayed' : `replayed ${count} times`) +
      (ago === null ? '' : count === 1 ? ` ${ago}` : `, last ${ago}`),
  },

  roles: { admin: 'Admin', operator: 'Operator', viewer: 'Viewer' } satisfies Record<Principal['role'], string>,

  problem: {
    code: (code: string) => `Code ${code}`,
    network: 'The server cannot be reached. It may be restarting, or this device may have no network.',
    /** A problem in full: its title, and its detail when that says more. */
    say: ({ isNetwork, title, detail }: { isNetwork: boolean; title: string; detail: string | null }) => {
      if (isNetwork) return words.problem.network;
      return [title, detail]
        .filter((part) => part !== null)
        .map(sentence)
        .join(' ');
    },
    /** Why something that was asked for did not happen: the detail alone, for the title is only the status in words. */
    why: ({ isNetwork, title, detail }: { isNetwork: boolean; title: string; detail: string | null }) =>
      isNetwork ? words.problem.network : sentence(upperFirst(detail ?? title)),
  },
  notFound: { title: 'Nothing is shown here', body: 'This address belongs to no page.' },

  announce: {
    label: 'What just happened',
    ready: (title: string) => `${title} is ready.`,
    failed: (title: string) => `${title} failed.`,
    unarchived: (title: string) => `${title} could not be archived and needs a person.`,
  },
};
translated('app', words);

/** The film strip for those who do not see it: "Archiving, step 4 of 5, 23 percent copied". */
export function stripText(frames: readonly Frame[]): string {
  const index = frames.findIndex(({ state }) => state === 'running' || state === 'broken');
  const frame = frames[index];
  if (frame === undefined) return words.strip.done(frames.length);
  const say = frame.state === 'broken' ? words.strip.broken : words.strip.running;
  const percent = frame.fill === null ? '' : `, ${words.strip.percent(Math.floor(frame.fill * 100))}`;
  return say(frame.name, index + 1, frames.length) + percent;
}

/** "HeyGen refused: not enough credit." Whoever failed, and why, as one sentence. */
export function failureSentence(failure: Failure): string {
  const who = failure.by === 'heygen' ? words.failure.heygen : words.failure.reelhook;
  const why = failure.message?.trim() || words.failure.silent[failure.by];
  return `${who}: ${lowerFirst(why).replace(/[.\s]+$/, '')}.`;
}

/** Lower case for an ordinary first word; acronyms and names ("HTTP", "HeyGen") stay. */
function lowerFirst(text: string): string {
  return /^[A-Z][a-z]*(?:\s|$|[.,'’])/.test(text) && !/^I\b/.test(text)
    ? text.charAt(0).toLowerCase() + text.slice(1)
    : text;
}
