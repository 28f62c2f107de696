"""Where an event differs from what is known of its type. Pure: nothing is refused for it, it is only told."""

from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

from reelhook.events.expected import ENVELOPE, Alternatives, Expected, expected
from reelhook.events.families import EVENT_TYPES
from reelhook.events.lenient import objects
from reelhook.events.shapes import UNKNOWN, UNPARSEABLE, Event
from reelhook.kit.text import shorten, storable

MOST_OF_ONE = 20  # new fields that are told of one event: an object used as a dictionary would go on for ever
MOST_NAME = 100
DATA = "event_data"

Kind = Literal["new_type", "new_field", "missing_field"]


class Difference(NamedTuple):
    """*field* is a path: `workspace`, `event_data.msg`, `event_data.clips[].id`; empty for a new type."""

    kind: Kind
    field: str = ""


def differences(event: Event) -> list[Difference]:
    """Every difference once, in a fixed order."""
    if event.type in {UNKNOWN, UNPARSEABLE}:
        return [Difference("missing_field", "event_type")]
    if event.type not in EVENT_TYPES:
        return [Difference("new_type")]
    new = [*_beyond(event.envelope, ENVELOPE, "")]
    missing: list[str] = []
    if found := expected(event.type):
        told, needed = found
        new += _new(event, told)
        missing = [_path(group) for group in needed if not _any(event, group)]
    names = sorted({shorten(storable(name), MOST_NAME) for name in new})[:MOST_OF_ONE]
    return sorted([Difference("new_field", name) for name in names] + [Difference("missing_field", n) for n in missing])


def _new(event: Event, told: Expected) -> Iterator[str]:
    yield from _beyond(event.data, told.fields, f"{DATA}.")
    for name, known in told.parts.items():
        for one in objects(event.data.get(name)):
            yield from _beyond(one, known, f"{DATA}.{name}[].")


def _beyond(names: Iterable[str], known: frozenset[str], where: str) -> Iterator[str]:
    return (where + name for name in names if name not in known)


def _any(event: Event, group: Alternatives) -> bool:
    """HeyGen uses "" and null alike for what is not there."""
    values = (event.data.get(name) for name in group)
    return any(value is not None and value != "" for value in values)


def _path(group: Alternatives) -> str:
    return DATA + "." + " or ".join(group)
