"""The library for those who receive HeyGen's webhooks in a framework of their own: `from reelhook import …`.

Two steps, in this order: `verify_signature` over the bytes that came, then `parse_event` of the same bytes.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from reelhook.events.diagnosis import Diagnosis, diagnose
from reelhook.events.shapes import parse
from reelhook.events.signals import VideoSignal, signals
from reelhook.events.signature import Secret, claims, matching


class Headers(Protocol):
    """The headers of a request, as every framework gives them; the case of their names does not matter."""

    def items(self) -> Iterable[tuple[str, str]]:
        """Names and values."""


class InvalidSignature(Exception):
    """Nobody who knows one of the secrets signed this body. Answer 401, and do nothing with it."""

    def __init__(self, body: bytes, headers: dict[str, str], secrets: list[Secret]) -> None:
        signed = bool(claims(headers))
        super().__init__("No known secret made this signature." if signed else "There is no signature by HeyGen.")
        self._asked = (body, headers, secrets)

    def explain(self) -> Diagnosis:
        """What is probably wrong, for your log: a `reason` to count, and a `detail` in words. Neither holds a secret.

        Strangers can cause it to be asked: it is bounded to some ten milliseconds of a processor, whatever was sent.
        """
        return diagnose(*self._asked)


@dataclass(frozen=True)
class HeyGenEvent:
    """One thing HeyGen told.

    *key* is the same for every copy of an event: keep it under a unique key, and a repeat is known. *type* is HeyGen's
    own name; `unknown` when the body names none, `unparseable` when it is no JSON object. *videos*: what it means for
    videos; empty for the types that move none. *resource_id* is what it is about, *callback_id* what you gave with your
    request, *data* HeyGen's `event_data`.
    """

    key: str
    type: str
    videos: tuple[VideoSignal, ...]
    resource_id: str | None
    callback_id: str | None
    data: dict[str, Any]


def verify_signature(body: bytes, headers: Headers, secrets: str | Iterable[str]) -> None:
    """Raise *InvalidSignature* unless one of *secrets* signed *body*: the bytes as they came, not read as JSON yet.

    Several secrets are for several endpoints, and for the time while one is replaced. Raises *ValueError* when there is
    none, or an empty one.
    """
    texts = [secrets] if isinstance(secrets, str) else list(secrets)
    known = [Secret(f"number {number}", text) for number, text in enumerate(texts, 1)]
    if not known:
        raise ValueError("there is no webhook secret to check against")
    given = dict(headers.items())
    if matching(body, claims(given), known) is None:
        raise InvalidSignature(body, given, known)


def parse_event(body: bytes) -> HeyGenEvent:
    """The event in *body*. Whatever arrives becomes one, and nothing raises: HeyGen's list of types grows."""
    event = parse(body)
    # Not the id that a header may carry: headers are not signed, and a repeat could be given a new one.
    key = f"id:{event.event_id}" if event.event_id else f"sha256:{hashlib.sha256(body).hexdigest()}"
    return HeyGenEvent(key, event.type, signals(event), event.resource_id, event.callback_id, event.data)
