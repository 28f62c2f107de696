/** What the app says where videos are made and brought in. */

import type { Problem } from '../api.ts';
import { duration } from '../format.ts';
import type { BatchTrouble } from '../new/batch.ts';
import type { Estimate } from '../new/estimate.ts';
import { type FaultCode, type FieldName, MOST } from '../new/fields.ts';
import { number, plural, sentence } from '../text.ts';
import { translated } from '../translated.ts';
import { words } from '../words.ts';

const field: Record<FieldName, string> = {
  avatar_id: 'Avatar',
  voice_id: 'Voice',
  script: 'Script',
  title: 'Title',
  subject: 'Subject',
  resolution: 'Resolution',
  aspect_ratio: 'Shape',
  captions: 'Captions',
  store: 'Store',
};

const needed: Partial<Record<FieldName, string>> = {
  avatar_id: 'Choose an avatar.',
  script: 'A script is needed.',
};

/** Why the server refused a video, without the way to the field inside the request. */
function why(problem: Problem): string {
  const detail = problem.detail?.replace(/^body\.(?:heygen\.)?/, '') ?? null;
  return words.problem.why({ isNetwork: problem.isNetwork, title: problem.title, detail });
}

/** What is wrong with a field, for a person who can mend it. */
function fault(name: FieldName, code: FaultCode): string {
  switch (code) {
    case 'needed':
      return needed[name] ?? `${field[name]}: is needed.`;
    case 'too-long':
      return `${field[name]}: at most ${number(name === 'avatar_id' || name === 'voice_id' ? MOST.id : mostOf(name))} characters.`;
    case 'unknown':
      return `${field[name]}: this is none of the choices.`;
    case 'not-yes-or-no':
      return `${field[name]}: write yes or no.`;
  }
}

const mostOf = (name: FieldName) => (name === 'script' ? MOST.script : MOST.title);

function trouble(what: BatchTrouble): string {
  switch (what.code) {
    case 'empty':
      return 'There is nothing in it.';
    case 'no-header':
      return 'Its first line names none of the columns. Begin with the template.';
    case 'no-rows':
      return 'There are no rows below the names of the columns.';
    case 'too-many':
      return `It has ${number(what.rows)} rows; one batch takes 200. Send it in parts.`;
    case 'unclosed':
      return `The quote in line ${number(what.line)} is never closed, so what follows cannot be told apart.`;
  }
}

export const newWords = {
  tabs: { render: 'Render', track: 'Track', batch: 'Batch', import: 'Import' },
  tabsLabel: 'Ways to a new video',
  loading: 'Loading',
  error: 'What HeyGen offers could not be loaded',
  noKey: {
    title: 'HeyGen cannot be asked',
    body: 'No API key of HeyGen’s is set here (REELHOOK_HEYGEN_API_KEY). Videos whose ids you know can still be tracked.',
    track: 'Track a video',
  },

  field,
  fault,
  why,
  refused: (name: FieldName, message: string) => sentence(`${field[name]}: ${message}`),
  decides: 'HeyGen decides',
  ratio: {
    auto: 'As the avatar is',
    '16:9': '16:9, wide',
    '9:16': '9:16, upright',
    '1:1': '1:1, square',
    '4:5': '4:5, upright',
    '5:4': '5:4, wide',
  } as Record<string, string>,
  subjectHint: 'Who owns the video: a person’s id or a name of your own. May stay empty.',
  titleHint: 'May stay empty.',
  captions: 'With captions',
  captionsHint: 'HeyGen writes them into a second version of the video and into a file.',

  picker: {
    search: 'Search',
    whose: 'Whose',
    ownership: { private: 'Your account’s own', public: 'HeyGen’s, for everybody' },
    language: 'Language',
    anyLanguage: 'Every language',
    gender: 'Gender',
    anyGender: 'Every gender',
    genders: { female: 'Female', male: 'Male' },
    refresh: 'Ask HeyGen again',
    refreshing: 'Asking HeyGen',
    none: 'HeyGen has none like that.',
    noneOwn: 'The account has no avatar of its own that is like that. HeyGen’s own ones are for everybody.',
    more: (count: number) => `${plural(count, 'more matches', 'more match')}: search for a name.`,
    incomplete: 'HeyGen has more than are listed here. Whose id you know, you can type in.',
    byHand: 'Type an id',
    byList: 'Choose from the list',
    id: { avatar_id: 'Avatar id', voice_id: 'Voice id' },
    avatarsVoice: 'The avatar’s own voice',
    avatarsVoiceNote: 'if it has one',
    noOwnVoice: 'This avatar has no voice of its own: choose one.',
    failed: {
      avatar_id: 'HeyGen’s avatars could not be listed.',
      voice_id: 'HeyGen’s voices could not be listed.',
    },
    kind: {
      photo_avatar: 'Photo',
      digital_twin: 'Digital twin',
      studio_avatar: 'Studio',
    } as Record<string, string>,
    orientation: { portrait: 'upright', landscape: 'wide', square: 'square' } as Record<string, string>,
    ownVoice: 'your own',
    status: {
      processing: 'still being made',
      pending_consent: 'waits for consent',
      failed: 'could not be made',
    } as Record<string, string>,
  },

  script: {
    hint: 'What the avatar says.',
    count: (count: number) => `${number(count)} of ${number(MOST.script)} characters`,
  },
  estimate: {
    say: ({ seconds, usd }: Estimate) =>
      `Estimate: about ${duration(seconds)} long, ${usd === null ? 'the price is HeyGen’s to say' : `some ${dollars(usd)}`}.`,
    why: 'By ordinary speech and HeyGen’s public price list of 2026 (pay-as-you-go). HeyGen decides both.',
  },

  render: {
    submit: 'Ask HeyGen for the video',
    busy: 'Asking',
    who: 'Who speaks',
    what: 'What is said',
    how: 'How it looks, and where it goes',
    unkept: 'This browser keeps no drafts: what you write is gone when the page is left.',
    unsure: 'Whether it arrived is not known. Send it again: the same words make no second video.',
  },

  track: {
    ids: 'HeyGen’s ids, one on each line',
    hint: 'Or the addresses of their pages. A title may follow after a comma.',
    none: 'Write at least one id.',
    tooMany: (most: number) => `At most ${most} at once.`,
    submit: (count: number) => (count > 1 ? `Track ${count} videos` : 'Track it'),
    intro: 'HeyGen is asked how each of them stands, and what is finished is kept here like any other.',
  },

  batch: {
    intro: 'A CSV with one video on each row. Columns:',
    rest: 'Only script is needed on each row; what is missing or empty is as in the form:',
    defaults: (said: [FieldName, string][]) =>
      said.length === 0 ? 'nothing yet' : said.map(([name, value]) => `${field[name]} ${value}`).join(', '),
    change: 'Change the form',
    template: 'Template',
    templateName: 'reelhook-batch.csv',
    example: {
      script: 'Hello, and welcome to our team.',
      avatar_id: 'the id of an avatar',
      voice_id: 'the id of a voice, or empty',
      title: 'Welcome',
      subject: 'customer-1',
    },
    drop: 'Drop a CSV here',
    choose: 'Choose a file',
    paste: 'Or paste it',
    read: 'Read what is pasted',
    pasted: 'Pasted rows',
    trouble,
    ignored: (names: string[]) => `Not read: ${names.join(', ')}.`,
    faulty: (count: number) =>
      `${plural(count, 'row has', 'rows have')} something to mend. Mend the file and read it again.`,
    send: (count: number) => `Ask HeyGen for ${plural(count, 'video', 'videos')}`,
    line: 'Line',
    row: (line: number) => `Line ${line}`,
    result: 'Result',
    fine: 'Ready to be sent',
    close: 'Close this batch',
    closeHint: 'What was sent stays on the board; what was not is forgotten.',
    unkept: 'This browser cannot keep the batch: do not reload the page before it is done.',
    unreadable: 'The file could not be read as text.',
  },

  import: {
    intro: 'Videos that the HeyGen account made before. What is brought here is kept like any other.',
    loading: 'Loading the account’s videos',
    error: 'The account’s videos could not be listed',
    empty: { title: 'HeyGen lists no videos', body: 'The account has made none yet, or this key does not see them.' },
    list: 'The account’s videos',
    chooseAll: 'Select all that are not here yet',
    chooseHint: 'Those that failed at HeyGen are left out; tick them one by one.',
    bring: (count: number) => (count === 0 ? 'Import' : `Import ${plural(count, 'video', 'videos')}`),
    bringAll: 'Import all, page by page',
    more: 'Show older ones',
    untitled: 'Without a title',
    here: 'Here already',
    brought: 'Imported',
    status: { completed: 'Finished', waiting: 'Being made', failed: 'Failed at HeyGen' },
    choose: (title: string) => `Select ${title}`,
    allDone: 'Everything the account has is here.',
  },

  sending: {
    label: 'Progress',
    state: { waiting: 'Waits', sending: 'Being sent', failed: 'Refused' },
    made: 'Asked for',
    tracked: 'Tracked',
    here: 'It was here already',
    open: 'Open',
    say: (done: number, of: number, failed: number) =>
      `${number(done)} of ${number(of)} done${failed === 0 ? '' : `, ${number(failed)} refused`}`,
    waits: (seconds: number) => `The server asked to wait: going on in ${seconds} s.`,
    stop: 'Stop',
    resume: 'Go on',
    again: 'Try the refused ones again',
    stopped: 'It stopped.',
    unknown: 'It was sent more than 23 hours ago, and the answer is not known. Look at the board, then try it again.',
  },
};
translated('new', newWords);

/** "$0.40", and no more exact than it is. */
function dollars(usd: number): string {
  return usd < 0.01 ? '$0.01' : `$${usd.toFixed(2)}`;
}
