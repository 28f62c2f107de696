"""The missed-webhook rate: of all events HeyGen should have told us, how many we had to find ourselves."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, exists, func, or_, select, text

from reelhook.db.tables import delivery_attempts, events
from reelhook.kit.ids import Ids
from reelhook.reconcile.compare import RECONCILE, Held
from reelhook.reconcile.counterparts import about

DAYS = 7
# Written out, so that SQLite sees that the partial index serves.
FOUND_BY_US = text("events.source = 'reconcile'")

Subject = tuple[str, str | None]
Sighting = tuple[Subject, datetime]


@dataclass(frozen=True)
class Missed:
    """How many events HeyGen told us in the last *DAYS* days, and how many it did not."""

    received: int
    missed: int

    @property
    def rate(self) -> float:
        """From 0 to 1."""
        return self.missed / (self.received + self.missed) if self.missed else 0.0

    def shown(self) -> dict[str, Any]:
        return {"days": DAYS, "received": self.received, "missed": self.missed, "rate": self.rate}


def never_came(found: Sequence[Sighting], came: Sequence[Sighting]) -> int:
    """How many of the events that were *found* never came by themselves later: each that *came* excuses one.

    An event that comes after it was found was late, and not missed.
    """
    later = defaultdict[Subject, list[datetime]](list)
    for subject, at in sorted(came, key=_when):
        later[subject].append(at)
    never = 0
    for subject, at in sorted(found, key=_when):
        excuse = next((one for one in later[subject] if one >= at), None)
        if excuse is None:
            never += 1
        else:
            later[subject].remove(excuse)
    return never


def missed(conn: Connection, now: datetime) -> Missed:
    """The numbers of the last *DAYS* days."""
    recent = events.c.id >= Ids.first_at(now - timedelta(days=DAYS))
    every = conn.execute(select(func.count()).select_from(events).where(recent)).scalar_one()
    rows = conn.execute(
        select(events.c.type, events.c.resource_id, events.c.received_at, _was_delivered()).where(recent, FOUND_BY_US)
    ).fetchall()
    found = [_sighting(row) for row in rows if not row.delivered]
    told = about(conn, {(type_, of) for (type_, of), _ in found if of is not None})
    never = never_came(found, [_sighting(held) for held in told if held.source != RECONCILE])
    return Missed(received=every - len(found), missed=never)


def _was_delivered() -> Any:
    """Whether HeyGen sent it in the end: what we put in ourselves came from no address."""
    sent = or_(delivery_attempts.c.remote.is_not(None), delivery_attempts.c.signature_header.is_not(None))
    return exists().where(delivery_attempts.c.event_id == events.c.id, sent).label("delivered")


def _sighting(row: Row[Any] | Held) -> Sighting:
    return (row.type, row.resource_id), row.received_at


def _when(sighting: Sighting) -> datetime:
    return sighting[1]
