"""One delivery on its way into the inbox, and what the sender is told."""

import hashlib
import re
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

import orjson

from reelhook.events import Known
from reelhook.kit.text import storable

# Sent by ourselves to ourselves, to see that the way in is open; HeyGen has no such type.
TEST_TYPE = "reelhook.test"
# Headers whose names say that a credential is in them, whoever's it is.
CREDENTIALS = re.compile(rb"authorization|cookie|api-?key|secret|token|password", re.IGNORECASE)
NOTHING_KNOWN = Known(())


@dataclass(frozen=True, slots=True)
class Arrival:
    """A delivery that was let in. *endpoint* is the door: the same bytes at another door are another event.

    *event_id* is HeyGen's own, when it told one. *video_id* is set at the callback door, whose address names a video;
    *callback_id* is what we called the video when we asked for it, as far as HeyGen repeats it. *trace*: the span that
    brought it.
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
    callback_id: str | None = None
    remote: str | None = None
    signature_header: str | None = None
    trace: str | None = None
    keys: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "keys", keys_of(self.endpoint, self.body, self.event_id))


@dataclass(frozen=True, slots=True)
class Receipt:
    """The event an arrival became, or already was."""

    event_id: str
    duplicate: bool


def keys_of(endpoint: str, body: bytes, event_id: str | None) -> tuple[str, ...]:
    """What a delivery of *body* at *endpoint* is recognised by: its digest, and HeyGen's id when it told one."""
    digest = f"body:{endpoint}:{hashlib.sha256(body).hexdigest()}"
    plain = storable(event_id or "")
    return (digest, f"event:{plain}") if plain else (digest,)


def stored_headers(headers: tuple[tuple[bytes, bytes], ...], known: Known = NOTHING_KNOWN) -> bytes:
    """Headers as bytes to keep, exactly as they came but for credentials and webhook secrets."""
    named = [(*_name(name), value) for name, value in headers]
    return orjson.dumps(
        [[name, "***" if hides else known.masked(value.decode("latin-1"))] for name, hides, value in named]
    )


@lru_cache(1024)  # the same few, with every event
def _name(name: bytes) -> tuple[str, bool]:
    """A header's name as text, and whether it says that a credential is in it."""
    return name.decode("latin-1"), CREDENTIALS.search(name) is not None
