"""All events HeyGen can send, as data: what each is about, and what it does to a video.

The 30 names are the enumeration of HeyGen's own API description of July 2026; the id fields
and the authoritative reads are those of §3.5. The list grows: a type that is not in it is stored like any other.
"""

from dataclasses import dataclass
from typing import Literal

Outcome = Literal["success", "fail", "assets"]
Effect = Literal["video", "clips", "assets", "nothing"]

VIDEO = ("video_id",)
AGENT = ("video_id", "session_id")
TRANSLATION = ("video_translate_id", "video_translation_id", "id")
AVATAR = ("avatar_id", "look_id", "group_id", "id")
ANY = ("video_id", *TRANSLATION[:2], "render_id", "session_id", "project_id", "batch_id", "proofread_id", *AVATAR)

SUCCESS_AND_FAIL = (".success", ".fail")


@dataclass(frozen=True)
class Family:
    """Events about one sort of thing.

    *id_keys*: where in `event_data` its id may stand, best first. *effect*: what the events move. *kind*: the kind of
    the video they are about. *read*: where HeyGen tells the truth about it, `{id}` standing for the id.
    """

    name: str
    id_keys: tuple[str, ...]
    effect: Effect = "nothing"
    read: str | None = None
    suffixes: tuple[str, ...] = SUCCESS_AND_FAIL
    kind: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", self.kind or self.name)


@dataclass(frozen=True)
class EventType:
    """One of the names in `event_type`. *outcome* is None when the event moves no video."""

    name: str
    family: Family
    outcome: Outcome | None


FAMILIES = (
    Family("avatar_video", VIDEO, "video", "/v3/videos/{id}"),
    Family("avatar_video_gif", VIDEO, "assets", "/v3/videos/{id}", kind="avatar_video"),
    Family("avatar_video_caption", VIDEO, "assets", "/v3/videos/{id}", kind="avatar_video"),
    Family("video_agent", AGENT, "video", "/v3/videos/{id}"),
    Family("video_translate", TRANSLATION, "video", "/v3/video-translations/{id}"),
    Family(
        "video_translate.preflight",
        TRANSLATION,
        read="/v3/video-translations/{id}",
        suffixes=(".validation_failed", ".download_failed"),
        kind="video_translate",
    ),
    Family("personalized_video", ("video_id", "project_id"), "video", suffixes=("",)),
    Family("hyperframes_video", ("render_id", "id"), "video", "/v3/hyperframes/renders/{id}"),
    Family("ai_clipping", ("id", "job_id"), "clips", "/v3/ai-clipping/{id}"),
    Family("proofread_creation", ("proofread_id", "id"), read="/v3/video-translations/proofreads/{id}"),
    Family("instant_avatar", AVATAR, read="/v3/avatars/looks/{id}"),
    Family("photo_avatar_generation", AVATAR, read="/v3/avatars/looks/{id}"),
    Family("photo_avatar_train", AVATAR, read="/v3/avatars/looks/{id}"),
    Family("photo_avatar_add_motion", AVATAR, read="/v3/avatars/looks/{id}"),
    Family("live_avatar", ("session_id", "id")),
    Family("batch", ("batch_id", "id"), suffixes=(".finished",)),
)


def _outcome(family: Family, suffix: str) -> Outcome | None:
    """A personalised video has no suffix and is only announced when it is done; a failed GIF fails nothing."""
    if family.effect == "assets":
        return "assets" if suffix == ".success" else None
    if family.effect == "nothing":
        return None
    return "fail" if suffix == ".fail" else "success"


EVENT_TYPES = {
    family.name + suffix: EventType(family.name + suffix, family, _outcome(family, suffix))
    for family in FAMILIES
    for suffix in family.suffixes
}

# Where to read a video of each kind. A lipsync sends no events, but can be created and asked for.
VIDEO_READS = {family.kind: family.read for family in FAMILIES if family.effect == "video" and family.read} | {
    "lipsync": "/v3/lipsyncs/{id}"
}
