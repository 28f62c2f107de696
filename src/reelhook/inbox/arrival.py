"""One delivery on its way into the inbox, and what the sender is told."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime

import orjson

from reelhook.kit.text import storable

# Sent by ourselves to ourselves, to see that the way in is open; HeyGen has no such type.
TEST_TYPE = "reelhook.test"
CREDENTIALS = frozenset({b"authorization", b"proxy-authorization", b"cookie", b"x-api-key"})


@dataclass(frozen=True, slots=True)
class Arrival:
    """A delivery that was let in. *endpoint* is the door: the same bytes at another door are another event.

    *event_id* is HeyGen's own, when it told one. *video_id* is set at the callback door, whose address names a video.
    *keys* are what it is recognised by, the surer one first: the body was signed, an id in a header was not.
    """

    endpoint: str
    source: str  # webhook | callback | reconcile
    body: bytes
    headers: tuple[tuple[bytes, bytes], ...]
    received_at: datetime
    type: str
    resource_id: str | None = None
    event_id: str | None = None
    video_id: str | None = None
    remote: str | None = None
    signature_header: str | None = None
    keys: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        keys = [f"body:{self.endpoint}:{hashlib.sha256(self.body).hexdigest()}"]
        if event_id := storable(self.event_id or ""):
            keys.append(f"event:{event_id}")
        object.__setattr__(self, "keys", tuple(keys))


@dataclass(frozen=True, slots=True)
class Receipt:
    """The event an arrival became, or already was."""

    event_id: str
    duplicate: bool


def stored_headers(headers: tuple[tuple[bytes, bytes], ...]) -> bytes:
    """Headers as bytes to keep, exactly as they came but for credentials."""
    shown = [(name, b"***" if name.lower() in CREDENTIALS else value) for name, value in headers]
    return orjson.dumps([[name.decode("latin-1"), value.decode("latin-1")] for name, value in shown])
