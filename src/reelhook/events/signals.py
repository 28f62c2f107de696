"""What an event means for videos. A signal is a reason to look; the truth is what HeyGen answers when asked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from reelhook.events.families import EVENT_TYPES, EventType, Outcome
from reelhook.events.lenient import first, ident, length_ms, link, mapping, objects, text
from reelhook.events.shapes import Event

VIDEO_URL = ("url", "video_url")
TITLE = ("title",)
ASSETS = MappingProxyType(
    {
        "poster": ("thumbnail_url",),
        "captions": ("caption_url", "subtitle_url", "vtt_caption_url", "srt_caption_url"),
        "gif": ("gif_download_url", "gif_url"),
        "captioned": ("captioned_video_url", "video_url_caption"),
    }
)
Failure = tuple[str | None, str | None]
CLIP_OUTCOMES: Mapping[str, Outcome] = MappingProxyType({"completed": "success", "failed": "fail"})


@dataclass(frozen=True)
class VideoSignal:
    """What HeyGen says happened to one video.

    *heygen_video_id* is what `HeyGen.get_video(kind, …)` takes: the session's id while an agent's video has none of
    its own, `JOB/CLIP` for a clip. *url* expires; None with `success` means "ask HeyGen", as does an `assets` signal
    without assets. With captions on, *url* is reported to lead to the captioned file: `get_video` knows the clean one.
    *assets*: role (poster, captions, gif, captioned) to expiring link.
    """

    kind: str
    heygen_video_id: str | None
    outcome: Outcome
    callback_id: str | None = None
    url: str | None = None
    title: str | None = None
    failure_code: str | None = None
    failure_message: str | None = None
    assets: Mapping[str, str] = field(default_factory=dict)
    session_id: str | None = None
    length_ms: int | None = None


def signals(event: Event) -> tuple[VideoSignal, ...]:
    """What *event* does to videos; nothing for the types that are only stored."""
    kind = EVENT_TYPES.get(event.type)
    if kind is None or kind.outcome is None:
        return ()
    if kind.family.effect == "clips":
        return tuple(_clips(event, kind.outcome))
    return (_video(event, kind, kind.outcome),)


def _video(event: Event, kind: EventType, outcome: Outcome) -> VideoSignal:
    data = event.data
    code, message = failure(data) if outcome == "fail" else (None, None)
    return VideoSignal(
        kind=kind.family.kind,
        heygen_video_id=event.resource_id,
        outcome=outcome,
        callback_id=event.callback_id,
        url=first(data, VIDEO_URL, link) if outcome == "success" else None,
        title=first(data, TITLE, text),
        failure_code=code,
        failure_message=message,
        assets=_assets(data),
        session_id=ident(data.get("session_id")),
        length_ms=length_ms(data),
    )


def _clips(event: Event, told: Outcome) -> list[VideoSignal]:
    """One signal for each clip that is finished. The job's callback id names the job, so no clip carries it."""
    reason = failure(event.data)
    found = []
    for clip in objects(event.data.get("clips")):
        outcome, clip_id = _clip_outcome(clip, told), ident(clip.get("id"))
        if outcome and clip_id and event.resource_id:
            found.append(_clip(clip, f"{event.resource_id}/{clip_id}", outcome, reason))
    return found


def _clip_outcome(clip: dict[str, Any], told: Outcome) -> Outcome | None:
    """A clip's own status counts; one still pending when its job has failed never comes."""
    status = text(clip.get("status"))
    if status is None or (told == "fail" and status != "completed"):
        return told
    return CLIP_OUTCOMES.get(status)


def _clip(clip: dict[str, Any], heygen_id: str, outcome: Outcome, reason: Failure) -> VideoSignal:
    code, message = failure(clip)
    failed = outcome == "fail"
    return VideoSignal(
        kind="ai_clipping",
        heygen_video_id=heygen_id,
        outcome=outcome,
        url=None if failed else first(clip, VIDEO_URL, link),
        title=first(clip, TITLE, text),
        failure_code=(code or reason[0]) if failed else None,
        failure_message=(message or reason[1]) if failed else None,
        assets=_assets(clip),
        length_ms=length_ms(clip),
    )


def failure(data: Mapping[str, Any]) -> Failure:
    """Code and message of a failure, under all the names HeyGen gives them."""
    error = mapping(data.get("error"))
    code = first(data, ("failure_code",), ident) or ident(error.get("code")) or ident(data.get("error_code"))
    message = first(data, ("failure_message", "msg", "message", "error"), text)
    return code, message or first(error, ("message", "detail"), text)


def _assets(data: Mapping[str, Any]) -> dict[str, str]:
    found = {role: first(data, names, link) for role, names in ASSETS.items()}
    return {role: url for role, url in found.items() if url}
