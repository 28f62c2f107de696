"""The types of messages, and which of them an endpoint asks for."""

import re
from collections.abc import Sequence

from reelhook.kit.text import storable
from reelhook.notify.kinds import KINDS

TEST = "reelhook.test"  # sent by hand, once
HEYGEN = "heygen."  # what follows is HeyGen's own name of the event
ANY = "*"
VIDEO_TYPES = tuple(
    f"video.{what}"
    for what in (
        "requested", "rendering", "rendered", "archiving", "ready", "failed", "unarchived", "late", "deleted",
    )
)  # fmt: skip
NOTIFICATION_TYPES = tuple(f"notification.{kind}" for kind in KINDS)
ALL_OF_VIDEOS, ALL_OF_HEYGEN, ALL_OF_NOTIFICATIONS = "video.*", "heygen.*", "notification.*"
NAMED = (*VIDEO_TYPES, *NOTIFICATION_TYPES, ALL_OF_VIDEOS, ALL_OF_HEYGEN, ALL_OF_NOTIFICATIONS)
HEYGEN_TYPE = re.compile(r"heygen\.[A-Za-z0-9_.-]{1,100}")


def wanted(types: Sequence[str] | None, type: str) -> bool:
    """Whether an endpoint that asks for *types*, None being all of them, wants a message of this *type*."""
    if types is None:
        return True
    return type in types or f"{type.partition('.')[0]}.{ANY}" in types


def known(type: str) -> str:
    """*type*, if it may be asked for. Raises *ValueError*."""
    if type in NAMED or HEYGEN_TYPE.fullmatch(type):
        return type
    names = ", ".join(NAMED)
    raise ValueError(f"{type!r} is no type of message; use {names}, or heygen. and the name of one of HeyGen's events")


def of_heygen(event_type: str) -> str:
    """The type of a message that forwards one of HeyGen's events."""
    return HEYGEN + storable(event_type)
