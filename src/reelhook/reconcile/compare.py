"""What HeyGen says it delivered, against what came: a pure function, so that every case can be tried."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

# Our clock and HeyGen's may be apart by so much.
CLOCKS_APART = timedelta(hours=1)
# HeyGen tries for 24 hours; what came later belongs to something else.
TRIED_FOR = timedelta(hours=25)
RECONCILE = "reconcile"
LAST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Told:
    """One row of HeyGen's history."""

    type: str
    resource_id: str | None
    event_id: str | None
    at: datetime | None
    body: bytes


@dataclass(frozen=True)
class Held:
    """One event in our inbox. It came *times* times: of two events with the same bytes the second is a repeat."""

    type: str
    resource_id: str | None
    event_id: str | None
    received_at: datetime
    source: str
    times: int = 1


def missing(told: Sequence[Told], held: Sequence[Held], known: Mapping[str, str]) -> list[Told]:
    """The rows of *told* that never came, oldest first.

    *known*: which event ids are in the inbox, and from which source. What is not found by its id is found by type,
    resource and time, for nobody has promised that the ids of the history are those on the wire; each event that came
    answers for one row only.
    """
    by_id = dict(known) | {event.event_id: event.source for event in held if event.event_id is not None}
    rows = _once(told)
    unmatched = [row for row in rows if row.event_id is None or row.event_id not in by_id]
    same_ids = any(by_id.get(row.event_id or "", RECONCILE) != RECONCILE for row in rows)
    free = _Free([event for event in held if _may_answer(event, same_ids)])
    ordered = sorted(unmatched, key=lambda row: (row.at or LAST, row.event_id or ""))
    return [row for row in ordered if not free.take(row)]


def _once(told: Sequence[Told]) -> list[Told]:
    """Pages shift while they are read: the same row on two of them is one."""
    return list({(row.event_id or row.body): row for row in told}.values())


def _may_answer(event: Held, same_ids: bool) -> bool:
    """Whether an event may be the one of a row with another id, or with none.

    Where the ids on the wire are those of the history, an event with an id is its own row's; and what we have put in
    ourselves has the history's ids in any case.
    """
    return event.event_id is None or not (same_ids or event.source == RECONCILE)


class _Free:
    """The events that have answered for no row yet."""

    def __init__(self, held: Sequence[Held]) -> None:
        self._by_kind = defaultdict[tuple[str, str | None], list[Held]](list)
        for event in sorted(held, key=lambda event: event.received_at):
            self._by_kind[event.type, event.resource_id] += [event] * event.times

    def take(self, row: Told) -> bool:
        """The earliest that can have been *row*; True when there is one."""
        events = self._by_kind[row.type, row.resource_id]
        at = next((at for at, event in enumerate(events) if _fits(row, event)), None)
        if at is None:
            return False
        del events[at]
        return True


def _fits(row: Told, event: Held) -> bool:
    if row.at is None:
        return True
    # What we found by asking came when we asked, however late that was.
    too_late = event.source != RECONCILE and event.received_at > row.at + TRIED_FOR
    return event.received_at >= row.at - CLOCKS_APART and not too_late
