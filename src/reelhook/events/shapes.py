"""What HeyGen posts, read leniently: whatever arrives becomes an *Event*, and nothing raises.

`{"event_type": …, "event_data": {…}}`, perhaps with `event_id` and `created_at`
(developers.heygen.com/docs/webhook-events).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from reelhook.events.families import ANY, EVENT_TYPES
from reelhook.events.lenient import decode, first, ident, mapping, text

UNPARSEABLE = "unparseable"
UNKNOWN = "unknown"
MOST_TYPE = 200
EVENT_ID_HEADER = "heygen-event-id"


@dataclass(frozen=True)
class Event:
    """One thing HeyGen told us.

    *type* is HeyGen's own name; `unknown` when the body names none, `unparseable` when it is no JSON object.
    *event_id* is the one in the body: it is best, and `header_event_id()` is second best, when there is one at all.
    *envelope* is the whole message, with whatever else it says.
    """

    type: str
    resource_id: str | None = None
    event_id: str | None = None
    callback_id: str | None = None
    data: dict[str, Any] = field(default_factory=dict)
    envelope: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)


def parse(body: bytes) -> Event:
    """The event in a raw request body."""
    try:
        message = decode(body)
    except ValueError:
        return Event(UNPARSEABLE)
    return _event(message) if isinstance(message, dict) else Event(UNPARSEABLE)


def _event(message: dict[str, Any]) -> Event:
    name, data = text(message.get("event_type"), MOST_TYPE) or UNKNOWN, mapping(message.get("event_data"))
    known = EVENT_TYPES.get(name)
    return Event(
        type=name,
        resource_id=first(data, known.family.id_keys if known else ANY, ident),
        event_id=ident(message.get("event_id")),
        callback_id=ident(data.get("callback_id")) or ident(message.get("callback_id")),
        data=data,
        envelope=message,
    )


def header_event_id(headers: Mapping[str, str]) -> str | None:
    """`Heygen-Event-Id`: documented, the same for every retry, but not seen on the wire yet."""
    return ident(_header(headers, EVENT_ID_HEADER))


def header_timestamp(headers: Mapping[str, str]) -> int | None:
    """`Heygen-Timestamp`, in seconds since 1970. Nobody signed it: a hint for people, no protection."""
    found = (_header(headers, "heygen-timestamp") or "").strip()
    return int(found) if found.isascii() and found.isdigit() and len(found) <= 12 else None


def _header(headers: Mapping[str, str], name: str) -> str | None:
    return next((value for key, value in headers.items() if key.lower() == name), None)
