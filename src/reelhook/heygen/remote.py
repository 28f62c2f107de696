"""A video as HeyGen describes it, in one form for all its kinds."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from reelhook.events.lenient import first, ident, length_ms, link, objects, text
from reelhook.events.signals import failure

Status = Literal["waiting", "completed", "failed"]

# HeyGen's kinds do not share one list of states. What is in neither row is still coming:
# waiting, pending, queued, processing, running, rendering, thinking, reviewing, generating, waiting_for_input…
COMPLETED = frozenset({"completed", "complete"})
FAILED = frozenset({"failed", "cancelled", "canceled"})


@dataclass(frozen=True)
class RemoteVideo:
    """What HeyGen says now. All links expire. `completed` without *url* happens: the caller decides how long to wait.

    *heygen_video_id* may differ from the id asked for: a session of an agent leads to its video.
    """

    heygen_video_id: str
    status: Status
    raw_status: str
    url: str | None = None
    thumbnail_url: str | None = None
    gif_url: str | None = None
    captioned_url: str | None = None
    subtitle_url: str | None = None
    title: str | None = None
    length_ms: int | None = None
    failure_code: str | None = None
    failure_message: str | None = None

    @property
    def assets(self) -> dict[str, str]:
        """Role to expiring link, as in a *VideoSignal*."""
        links = {"poster": self.thumbnail_url, "captions": self.subtitle_url, "gif": self.gif_url}
        links["captioned"] = self.captioned_url
        return {role: url for role, url in links.items() if url}


def normalised(raw_status: str) -> Status:
    """HeyGen's word for a state as one of our three."""
    if raw_status in COMPLETED:
        return "completed"
    return "failed" if raw_status in FAILED else "waiting"


def remote_video(heygen_id: str, data: Mapping[str, Any]) -> RemoteVideo:
    """The video in *data*, the resource of any kind."""
    raw = text(data.get("status")) or ""
    status = normalised(raw)
    code, message = failure(data) if status == "failed" else (None, None)
    return RemoteVideo(
        heygen_video_id=heygen_id,
        status=status,
        raw_status=raw,
        url=link(data.get("video_url")),
        thumbnail_url=link(data.get("thumbnail_url")),
        gif_url=link(data.get("gif_url")),
        captioned_url=link(data.get("captioned_video_url")),
        subtitle_url=first(data, ("subtitle_url", "vtt_caption_url", "srt_caption_url", "caption_url"), link),
        title=text(data.get("title")),
        length_ms=length_ms(data),
        failure_code=code,
        failure_message=message or (_last_complaint(data) if status == "failed" else None),
    )


def remote_clip(heygen_id: str, clip: Mapping[str, Any], job: Mapping[str, Any]) -> RemoteVideo:
    """One clip of an `ai_clipping` job. What is not completed when the job has failed never will be."""
    video, whole = remote_video(heygen_id, clip), remote_video(heygen_id, job)
    if whole.status != "failed" or video.status == "completed":
        return video
    message = video.failure_message or whole.failure_message
    code = video.failure_code or whole.failure_code
    return replace(video, status="failed", failure_code=code, failure_message=message)


def _last_complaint(session: Mapping[str, Any]) -> str | None:
    """An agent's session says why it failed in its conversation only."""
    complaints = (one for one in reversed(objects(session.get("messages"))) if one.get("type") == "error")
    return next((found for one in complaints if (found := text(one.get("content")))), None)


@dataclass(frozen=True)
class Created:
    """What HeyGen answered to a create request.

    *heygen_video_id* is the session's id while an agent has no video yet; `get_video` finds the video by it.
    """

    kind: str
    heygen_video_id: str
    status: str
    session_id: str | None = None


def created(kind: str, data: Mapping[str, Any]) -> Created | None:
    """The new video, or None when the answer names none."""
    several = data.get("video_translation_ids")
    translation = ident(several[0]) if isinstance(several, list) and several else None
    found = translation or first(data, ("video_id", "lipsync_id", "session_id", "id"), ident)
    session_id = ident(data.get("session_id"))
    return Created(kind, found, text(data.get("status")) or "waiting", session_id) if found else None


@dataclass(frozen=True)
class RemoteStatus:
    """One row of a question about many videos: no links in it. `missing`: HeyGen does not know the id."""

    status: Literal["waiting", "completed", "failed", "missing"]
    raw_status: str
    failure_code: str | None = None
    failure_message: str | None = None


def remote_status(row: Mapping[str, Any]) -> RemoteStatus:
    """The state in one row of `/statuses`."""
    raw = text(row.get("status")) or ""
    if raw == "not_found":
        return RemoteStatus("missing", raw)
    code, message = failure(row) if normalised(raw) == "failed" else (None, None)
    return RemoteStatus(normalised(raw), raw, code, message)
