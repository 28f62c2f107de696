"""The events HeyGen sends: their types, and their bodies as JSON bytes."""

import json
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from reelhook.simulators.heygen.plan import Settings

FAMILIES = (
    "avatar_video", "avatar_video_gif", "avatar_video_caption", "video_translate", "instant_avatar",
    "photo_avatar_generation", "photo_avatar_train", "photo_avatar_add_motion", "proofread_creation", "live_avatar",
    "video_agent", "hyperframes_video", "ai_clipping",
)  # fmt: skip
SINGLES = (
    "personalized_video", "video_translate.preflight.validation_failed", "video_translate.preflight.download_failed",
    "batch.finished",
)  # fmt: skip
EVENT_TYPES = (*(f"{family}.{end}" for family in FAMILIES for end in ("success", "fail")), *SINGLES)


def describe(event_type: str) -> str:
    """One sentence, in the manner of HeyGen's table."""
    family, _, end = event_type.rpartition(".")
    words = (family or event_type).replace("_", " ")
    if end in ("success", "fail"):
        article = "an" if words[0] in "aeiou" else "a"
        return f"Fired when {article} {words} {'completes successfully' if end == 'success' else 'fails'}."
    return f"Fired on {event_type.replace('_', ' ').replace('.', ' ')}."


@dataclass
class Event:
    """One thing HeyGen tells, however many times it tells it."""

    type: str
    data: dict[str, Any]
    entity_id: str | None = None
    id: str = field(default_factory=lambda: f"evt_{uuid4().hex}")
    created: float = field(default_factory=time.time)

    @property
    def created_at(self) -> str:
        return datetime.fromtimestamp(self.created, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def row(self, settings: Settings) -> dict[str, Any]:
        """As `GET /v3/webhooks/events` lists it."""
        row = {"event_type": self.type, "event_data": self.data, "created_at": self.created_at}
        return {"event_id": self.id, **row} if settings.history_ids else row

    def body(self, settings: Settings) -> bytes:
        """As it is posted."""
        data, envelope = dict(self.data), {"event_type": self.type}
        if settings.empty_folder_id and "folder_id" in data:
            data["folder_id"] = ""
        if settings.extra_keys:
            data["callback_url"] = None
            envelope["workspace"] = "Ünïted"
        whole: dict[str, Any] = {**envelope, "event_data": data}
        if settings.body_ids:
            whole = {"event_id": self.id, **whole, "created_at": self.created_at}
        separators = (", ", ": ") if settings.spaced_json else (",", ":")
        return json.dumps(whole, ensure_ascii=settings.ascii_json, separators=separators).encode()
