"""Which call creates a video, told from the request body alone (HeyGen's v3 reference)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reelhook.errors import WrongInput


@dataclass(frozen=True)
class Creation:
    """How videos of one *kind* are created.

    *takes_callback*: whether the body may carry `callback_id` and `callback_url`. *has_event*: whether registered
    endpoints hear of the end; without one, only `callback_url` and asking tell.
    """

    kind: str
    path: str
    takes_callback: bool = True
    has_event: bool = True


AVATAR_VIDEO = Creation("avatar_video", "/v3/videos")
CINEMATIC = Creation("avatar_video", "/v3/videos", takes_callback=False)
TRANSLATION = Creation("video_translate", "/v3/video-translations")
LIPSYNC = Creation("lipsync", "/v3/lipsyncs", has_event=False)
AGENT = Creation("video_agent", "/v3/video-agents")


def creation_of(request: Mapping[str, Any]) -> Creation:
    """The call that this v3 create body belongs to. Raises *WrongInput* when it would not make exactly one video."""
    if "type" in request:
        return CINEMATIC if request["type"] == "cinematic_avatar" else AVATAR_VIDEO
    if "output_languages" in request:
        return _one_language(request["output_languages"])
    if "video" in request and "audio" in request:
        return LIPSYNC
    if "prompt" in request:
        return AGENT
    raise WrongInput(
        "This is no request for a HeyGen video: it needs `type` (avatar, image, cinematic_avatar, studio), "
        "`output_languages`, `video` and `audio`, or `prompt`."
    )


def _one_language(languages: object) -> Creation:
    if isinstance(languages, list) and len(languages) == 1:
        return TRANSLATION
    raise WrongInput("A translation is one video per language: send one request for each of `output_languages`.")
