"""A render: one video in the making, of whatever kind, and its files."""

import time
from dataclasses import asdict, dataclass, field
from typing import Any, Literal
from uuid import uuid4

from reelhook.simulators.clips import MediaFile
from reelhook.simulators.heygen.plan import Plan

Kind = Literal["avatar_video", "video_agent", "video_translate", "hyperframes_video", "ai_clipping"]
Status = Literal["pending", "processing", "completed", "failed"]


def hex_id() -> str:
    """An id as HeyGen makes them: 32 lower-case hex digits."""
    return uuid4().hex


@dataclass
class Asked:
    """What a create request said that matters here."""

    title: str | None = None
    callback_url: str | None = None
    callback_id: str | None = None
    captions: bool = False
    language: str | None = None


@dataclass
class Render:
    """One video, translation, session or job; *parts* are the clips of an `ai_clipping` job."""

    kind: Kind
    asked: Asked
    plan: Plan
    render_s: float
    clip: str
    id: str = field(default_factory=hex_id)
    session_id: str | None = None
    parts: list["Render"] = field(default_factory=list)
    status: Status = "pending"
    created_at: float = field(default_factory=time.time)
    completed_at: float | None = None
    deleted: bool = False
    links_refused: int = 0
    """How many links died at their first download, as the plan wanted."""

    def __post_init__(self) -> None:
        self.files = _files(self)

    @property
    def active(self) -> bool:
        """Whether it counts against the limit of concurrent renders."""
        return self.status in ("pending", "processing")

    def finish(self) -> None:
        """The end, as planned."""
        self.status = "failed" if self.plan.outcome == "failed" else "completed"
        self.completed_at = time.time()
        for part in self.parts:
            part.finish()

    @property
    def failure(self) -> tuple[str, str] | tuple[None, None]:
        """Code and message of a failed render."""
        if self.status != "failed":
            return None, None
        return self.plan.failure_code, self.plan.failure_message

    def told(self) -> dict[str, Any]:
        """The truth, for the control API; slow when the file is big."""
        media = {
            name: {"bytes": file.length, "content_type": file.content_type, **file.digests}
            for name, file in self.files.items()
        }
        return {
            "id": self.id, "kind": self.kind, "status": self.status, "title": self.asked.title,
            "callback_id": self.asked.callback_id, "session_id": self.session_id, "clip": self.clip,
            "duration": self.files["video"].duration, "created_at": self.created_at,
            "completed_at": self.completed_at, "plan": asdict(self.plan), "media": media,
        }  # fmt: skip


def _files(render: Render) -> dict[str, MediaFile]:
    """By the names that links, faults and the truth use."""
    clip, plan = render.clip, render.plan
    files = {
        "video": MediaFile(f"{clip}.mp4", render.id, plan.bytes),
        "thumbnail": MediaFile(f"{clip}.jpg"),
        "subtitle": MediaFile(f"{clip}.srt"),
        "vtt": MediaFile(f"{clip}.vtt"),
    }
    if plan.captions or render.asked.captions:
        files["captioned"] = MediaFile(f"{clip}.captioned.mp4", f"{render.id}/captioned", plan.bytes)
    if plan.gif:
        files["gif"] = MediaFile(f"{clip}.gif")
    return files
