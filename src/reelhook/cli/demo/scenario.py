"""The scenario: six videos, each with its own trouble, and how each must end."""

from dataclasses import dataclass, field
from typing import Any

READY = ("requested", "rendering", "rendered", "archiving", "ready")
FAILED = ("requested", "rendering", "failed")


@dataclass(frozen=True)
class Act:
    """One video: what it shows, where it is kept, what the simulator makes of it, and the states it must pass."""

    title: str
    shows: str
    store: str = "local"
    plan: dict[str, Any] = field(default_factory=dict)
    states: tuple[str, ...] = READY

    @property
    def request(self) -> dict[str, Any]:
        """The body for `POST /api/v1/videos`."""
        heygen = {"type": "avatar", "avatar_id": "demo-avatar", "script": self.title, "title": self.title}
        return {"heygen": heygen, "title": self.title, "subject": "demo", "store": self.store}


SCENARIO = (
    Act(
        "Welcome to the team",
        "the usual way, with captions that come later",
        plan={"clip": "welcome", "render_s": 5, "captions": True, "caption_after_s": 2},
    ),
    Act(
        "The quarter in ninety seconds",
        "HeyGen sends every webhook three times",
        store="cloudinary",
        plan={"clip": "quarter", "render_s": 7, "duplicates": 2},
    ),
    Act(
        "A tour of the product",
        "webhooks in the wrong order, and a stale failure after the success",
        plan={
            "clip": "tour",
            "render_s": 9,
            "gif": True,
            "delivery": "out_of_order",
            "extra_events": [{"type": "avatar_video.fail", "after_s": 2}],
        },
    ),
    Act(
        "Thank you, customers",
        "the first download link has already expired",
        plan={"clip": "thanks", "render_s": 11, "first_downloads_403": 1},
    ),
    Act(
        "Town hall, the full recording",
        "24 MB over a slow line, kept at Cloudinary in parts",
        store="cloudinary",
        plan={
            "clip": "quarter",
            "render_s": 6,
            "bytes": 24_000_000,
            "faults": [{"on": "media", "kind": "slow", "bytes_per_s": 6_000_000}],
        },
    ),
    Act(
        "Teaser for the launch",
        "HeyGen refuses it",
        plan={
            "render_s": 8,
            "outcome": "failed",
            "failure_code": "MOVIO_PAYMENT_INSUFFICIENT_CREDIT",
            "failure_message": "Insufficient credit. This operation requires 'api' credits.",
        },
        states=FAILED,
    ),
)
