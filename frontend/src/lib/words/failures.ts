/**
 * Why a video is not ready, in plain words. A code that is not here is shown with what HeyGen or Reelhook said of it.
 * tests/videos/test_failure_words.py holds this table to every code that the service can give a video.
 */

import { translated } from '../translated.ts';

/** What a code means, and what a person can do about it. */
export interface Reason {
  meaning: string;
  todo: string;
}

const AGAIN = 'Try to archive it again.';
const LATER = 'Wait a while, then try to archive it again.';
const CREDIT: Reason = {
  meaning: 'The HeyGen account had not enough credit for this video.',
  todo: 'Add credit to the HeyGen account, then try again as a new video.',
};
const MISSING: Reason = {
  meaning: 'HeyGen does not know something that the request names: an avatar, a voice or a file.',
  todo: 'Choose one that the HeyGen account has, and ask for a new video.',
};
const WRONG: Reason = {
  meaning: 'HeyGen did not accept what was asked for.',
  todo: 'Its own words name the part. Ask for a new video with that put right.',
};
const LIMIT: Reason = {
  meaning: 'A limit of the HeyGen plan is reached.',
  todo: 'Wait until the limit starts anew, or change the plan, then try again as a new video.',
};
const KEY: Reason = {
  meaning: 'HeyGen does not accept our API key for this.',
  todo: 'An operator checks REELHOOK_HEYGEN_API_KEY and what the account may do.',
};
const THEIRS: Reason = {
  meaning: 'Something broke at HeyGen while it worked on this video.',
  todo: 'Try again as a new video. If it happens again, ask HeyGen, with the HeyGen id below.',
};
const LONG: Reason = {
  meaning: 'The script, or the video made of it, is longer than the HeyGen plan allows.',
  todo: 'Shorten the script or split it, and ask for a new video.',
};
const OURS: Reason = {
  meaning: 'Something went wrong inside Reelhook that it did not expect.',
  todo: 'Try again. If it happens again, the job and the log say what it was.',
};
const BYTES: Reason = {
  meaning: 'What the store kept is not what was sent to it, so it does not count.',
  todo: `An operator looks at the store. ${AGAIN}`,
};
const LINK: Reason = {
  meaning: 'HeyGen’s link to the finished video did not give the file out any more.',
  todo: `With REELHOOK_HEYGEN_API_KEY set, Reelhook asks HeyGen for a fresh link. ${AGAIN}`,
};
const SPOILT: Reason = {
  meaning: 'The file behind HeyGen’s link was not whole, or changed while it was read.',
  todo: LATER,
};
const AWAY: Reason = {
  meaning: 'HeyGen did not answer, or was too busy, each time it was asked.',
  todo: 'Look whether HeyGen has trouble, then try again.',
};

export const failureWords = {
  title: 'Why',
  credits: 'Credits',
  todo: 'What to do',
  said: 'In its own words',
  deadLetter: 'What was tried',

  /** What it means for credits. Nobody but HeyGen knows what was charged, so no more than that is claimed. */
  cost: {
    refused: 'HeyGen did not begin to render. Its account page tells whether credits were used.',
    rendering: 'HeyGen’s account page tells whether credits were used for the failed render.',
    unknown:
      'HeyGen may still finish this video, and then it is stored here. A new video is a second render, which may use credits again.',
    unasked:
      'Whether HeyGen took the request is not known here; its account page tells. A new video may use credits again.',
    rendered: 'HeyGen has rendered it already: trying again only copies the file and renders nothing.',
  },

  /** For a code that is not in the table. */
  other: {
    heygen: { meaning: 'HeyGen could not make this video.', todo: 'Try again as a new video.' },
    reelhook: { meaning: 'Reelhook stopped waiting for this video.', todo: 'Try again as a new video.' },
    unarchived: { meaning: 'HeyGen made the video, but it could not be copied to its permanent place.', todo: AGAIN },
  },

  reasons: {
    // HeyGen's own
    MOVIO_PAYMENT_INSUFFICIENT_CREDIT: CREDIT,
    insufficient_credit: CREDIT,
    rendering_failed: THEIRS,
    internal_error: THEIRS,
    gateway_timeout: THEIRS,
    script_too_long: LONG,
    '40119': LONG,
    invalid_parameter: WRONG,
    validation_error: WRONG,
    '400175': WRONG,
    '40001': WRONG,
    '400105': {
      meaning: 'The script has words that HeyGen does not allow.',
      todo: 'Change the script, and ask for a new video.',
    },
    download_failed: {
      meaning: 'HeyGen could not load a file that the request links to.',
      todo: 'Check that the link opens for anybody, then ask for a new video.',
    },
    payload_too_large: {
      meaning: 'The request was too large for HeyGen.',
      todo: 'Leave something out of it, and ask for a new video.',
    },
    not_found: MISSING,
    asset_not_found: MISSING,
    asset_not_available: MISSING,
    avatar_not_found: MISSING,
    avatar_group_not_found: MISSING,
    voice_unavailable: MISSING,
    resource_limit_exceeded: LIMIT,
    trial_video_limit_exceeded: LIMIT,
    unlimited_mode_disabled: LIMIT,
    '400599': LIMIT,
    rate_limit_exceeded: LIMIT,
    unauthorized: KEY,
    authentication_failed: KEY,
    forbidden: KEY,
    resource_access_denied: KEY,
    ai_vendor_access_restricted: KEY,
    phone_verification_required: {
      meaning: 'The HeyGen account must verify a phone number first.',
      todo: 'Do that at HeyGen, then try again as a new video.',
    },
    unknown: {
      meaning: 'HeyGen said that the video failed, and gave no code for the reason.',
      todo: 'Try again as a new video, or look for the HeyGen id below in the HeyGen account.',
    },

    // Reelhook's own, about asking HeyGen
    heygen_unauthorized: KEY,
    no_api_key: {
      meaning: 'There was no API key to ask HeyGen with.',
      todo: 'An operator sets REELHOOK_HEYGEN_API_KEY, then the video can be tried again as a new one.',
    },
    heygen_refused: WRONG,
    heygen_busy: AWAY,
    heygen_unavailable: AWAY,
    heygen_request_in_progress: AWAY,
    heygen_video_not_found: {
      meaning: 'HeyGen says that it has no video with this id.',
      todo: 'Check the HeyGen id below, and whether the video was deleted at HeyGen.',
    },
    heygen_says_failed: {
      meaning: 'HeyGen told us that the video was done, and later that it had failed.',
      todo: 'Look at the video in the HeyGen account, by the HeyGen id below.',
    },
    gave_up_waiting: {
      meaning: 'HeyGen did not finish this video within the time that Reelhook waits.',
      todo: 'Look for the HeyGen id below in the HeyGen account. If HeyGen finishes it after all, it is stored by itself.',
    },

    // Reelhook's own, about fetching the file
    link_expired: LINK,
    link_used_up: LINK,
    redirect_loop: LINK,
    no_link: {
      meaning: 'HeyGen says the video is done, but names no link to the file.',
      todo: LATER,
    },
    fetch_failed: {
      meaning: 'The file could not be read from HeyGen’s host to its end.',
      todo: LATER,
    },
    download_too_slow: {
      meaning: 'The file came so slowly that reading it was given up.',
      todo: `An operator can raise REELHOOK_DOWNLOAD_LIMIT_S. ${AGAIN}`,
    },
    content_changed: SPOILT,
    cut_off: SPOILT,
    not_media: {
      meaning: 'HeyGen’s link led to something that is not a video, such as a web page.',
      todo: LATER,
    },
    too_large: {
      meaning: 'The file is larger than Reelhook is allowed to keep.',
      todo: `An operator can raise REELHOOK_VIDEO_MAX_BYTES. ${AGAIN}`,
    },
    address_refused: {
      meaning: 'HeyGen’s link leads to an address that Reelhook may not fetch from.',
      todo: `If the address is right, an operator allows it with REELHOOK_FETCH_HOSTS or REELHOOK_FETCH_ALLOW. ${AGAIN}`,
    },

    // Reelhook's own, about the store
    store_refused: {
      meaning: 'The store refused the file.',
      todo: `Its own words say why; an operator puts that right. ${AGAIN}`,
    },
    store_unauthorized: {
      meaning: 'The store does not accept our key.',
      todo: `An operator checks the store’s key. ${AGAIN}`,
    },
    store_unavailable: { meaning: 'The store could not be reached, or had trouble.', todo: LATER },
    store_full: { meaning: 'There is no room left in the store.', todo: `An operator frees space. ${AGAIN}` },
    plan_limit: {
      meaning: 'The file is larger than the store’s plan allows.',
      todo: `An operator changes the plan, or the store of new videos. ${AGAIN}`,
    },
    source_not_loaded: { meaning: 'The store could not load the file from HeyGen’s link by itself.', todo: AGAIN },
    not_verified: BYTES,
    other_bytes_stored: BYTES,
    wrong_bytes_stored: BYTES,

    // Reelhook's own, about itself
    unexpected: OURS,
    unreadable_work: OURS,
    cancelled: OURS,
    worker_died: OURS,
    took_too_long: { meaning: 'Each attempt took longer than an attempt may.', todo: LATER },
    database_unavailable: { meaning: 'Reelhook’s own database was away for too long.', todo: LATER },
  } as Record<string, Reason>,
};
translated('failure', failureWords);
