"""What HeyGen's events are known to say, as data: the one place to change when HeyGen tells something new.

From §3 of what is known of HeyGen: its documentation, and deliveries that were seen. A field that is not here is new,
whether or not it is of use; it is counted and shown, and never keeps an event out.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from reelhook.events.families import EVENT_TYPES

ENVELOPE = frozenset({"event_type", "event_data", "event_id", "created_at", "callback_id"})
# One of these says why it failed; an `error` may be a text, or an object with a code and a message.
REASONS = ("msg", "message", "failure_message", "error", "failure_code")
FAILURE = frozenset({*REASONS, "error_code"})
AVATAR_VIDEO = frozenset(
    {"video_id", "url", "gif_download_url", "video_page_url", "video_share_page_url", "folder_id", "callback_id",
     "callback_url"}
)  # fmt: skip
CAPTIONS = frozenset({"caption_url", "subtitle_url", "vtt_caption_url", "srt_caption_url"})
TRANSLATION_IDS = ("video_translate_id", "video_translation_id", "id")
TRANSLATION = frozenset({*TRANSLATION_IDS, "url", "video_url", "callback_id", "output_language"})
CLIP = frozenset(
    {"id", "status", "title", "video_url", "thumbnail_url", "aspect_ratio", "duration_seconds", "virality_score",
     "failure_message"}
)  # fmt: skip
CLIPPING_JOB = frozenset(
    {"id", "job_id", "status", "title", "callback_id", "progress", "source_duration", "input_language", "created_at",
     "failure_message", "clips"}
)  # fmt: skip

Alternatives = tuple[str, ...]


@dataclass(frozen=True)
class Expected:
    """What `event_data` of some types may and must say.

    *fields*: all that are known. *needed*: of each group one must have a value, on success and on failure alike;
    *on_success* and *on_failure*: then these as well. *parts*: the fields of the objects in a list.
    """

    fields: frozenset[str]
    needed: tuple[Alternatives, ...]
    on_success: tuple[Alternatives, ...] = ()
    on_failure: tuple[Alternatives, ...] = (REASONS,)
    parts: Mapping[str, frozenset[str]] = field(default_factory=dict)


# By family. What is not here was never documented in a readable place: of those only the envelope is compared.
FAMILIES = MappingProxyType(
    {
        "avatar_video": Expected(AVATAR_VIDEO | FAILURE, (("video_id",),), on_success=(("url",),)),
        "avatar_video_gif": Expected(AVATAR_VIDEO | FAILURE | {"gif_url"}, (("video_id",),), on_failure=()),
        "avatar_video_caption": Expected(AVATAR_VIDEO | FAILURE | CAPTIONS, (("video_id",),), on_failure=()),
        "video_agent": Expected(
            FAILURE | {"session_id", "video_id", "url", "video_url", "callback_id"}, (("video_id", "session_id"),)
        ),
        "video_translate": Expected(TRANSLATION | FAILURE, (TRANSLATION_IDS,)),
        "personalized_video": Expected(
            frozenset(
                {"project_id", "video_id", "video_url", "landing_page_url", "gif_url", "gif_html", "contact_info"}
            ),
            (("video_id", "project_id"),),
            on_success=(("video_url",),),
        ),
        "hyperframes_video": Expected(
            FAILURE | {"render_id", "id", "video_url", "url", "callback_id"}, (("render_id", "id"),)
        ),
        "ai_clipping": Expected(
            CLIPPING_JOB | FAILURE,
            (("id", "job_id"),),
            on_success=(("clips",),),
            parts={"clips": CLIP},
        ),
    }
)


def expected(event_type: str) -> tuple[Expected, tuple[Alternatives, ...]] | None:
    """What events of this type say, and which groups of fields must be there. None when nobody knows."""
    known = EVENT_TYPES.get(event_type)
    told = FAMILIES.get(known.family.name) if known else None
    if told is None:
        return None
    return told, told.needed + (told.on_failure if event_type.endswith(".fail") else told.on_success)
