"""Where deliveries come from that proved to be HeyGen's: counted in memory, written together once a second."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, case, literal, or_, select, update

from reelhook import logs, metrics
from reelhook.db import Database, Tx
from reelhook.db.insert import insert_or_ignore
from reelhook.db.tables import senders
from reelhook.errors import ReelhookError
from reelhook.kit.addresses import network
from reelhook.kit.clock import Clock
from reelhook.kit.ratelimit import Limit, Pace

FLUSH_S = 1.0
MOST_WAITING = 500  # addresses counted between two writes; what comes from yet another is not counted
MOST_LISTED = 500
# How many deliveries of refused addresses are looked at all the same, to find out whether HeyGen is locked out.
LOOKS = Limit("address-looks", rate=5, burst=20)

log = logs.get("ingest")


@dataclass(slots=True)
class Seen:
    """What was not written yet of one address, or one network. *outside*: INGEST_ALLOW did not name it."""

    first_at: datetime
    last_at: datetime
    deliveries: int = 0
    outside: int = 0
    refused: int = 0
    outside_since: datetime | None = None
    last_outside_at: datetime | None = None

    def add(self, other: "Seen") -> None:
        self.first_at, self.last_at = min(self.first_at, other.first_at), max(self.last_at, other.last_at)
        self.deliveries += other.deliveries
        self.outside += other.outside
        self.refused += other.refused
        since = [one for one in (self.outside_since, other.outside_since) if one]
        last = [one for one in (self.last_outside_at, other.last_outside_at) if one]
        self.outside_since, self.last_outside_at = min(since, default=None), max(last, default=None)


class Senders:
    """No delivery waits for this. A process that is killed loses the count of a second, no more."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db, self._clock = db, clock
        self._looks = Pace(clock, LOOKS)
        self._waiting: dict[str, Seen] = {}

    def may_look(self) -> bool:
        """Whether a delivery that is going to be refused for its address may be read and checked all the same."""
        return self._looks.take()

    def saw(self, remote: str, at: datetime, *, outside: bool, refused: bool = False) -> None:
        """A delivery from *remote* proved to be HeyGen's."""
        seen = self._waiting.get(remote)
        if seen is None:
            if len(self._waiting) >= MOST_WAITING:
                return
            seen = self._waiting[remote] = Seen(at, at)
        seen.last_at = max(seen.last_at, at)
        seen.deliveries += 1
        if outside:
            metrics.OUTSIDE.labels("refused" if refused else "let_in").inc()
            seen.outside += 1
            seen.refused += refused
            seen.outside_since = seen.outside_since or at
            seen.last_outside_at = at

    async def keep(self) -> None:
        """Write what was counted, once a second, for ever."""
        while True:
            await self._clock.sleep(FLUSH_S)
            await self.flush()

    async def flush(self) -> None:
        """Write what was counted. What cannot be written is counted on."""
        batch, self._waiting = self._waiting, {}
        if not batch:
            return
        found = _by_network(batch)
        try:
            await self._db.write(lambda tx: _add(tx, found))
        except Exception as error:  # a count must not end what it counts
            unexpected = None if isinstance(error, ReelhookError) else error
            log.warning("senders.not_written", error=str(error), exc_info=unexpected)
            _merge(self._waiting, batch)
            return
        for name, seen in found.items():
            if seen.outside:
                told = {"network": name, "deliveries": seen.outside, "refused": seen.refused}
                log.warning("sender.outside", **told, help="add it to REELHOOK_INGEST_ALLOW if it is HeyGen's")


def listed(conn: Connection) -> list[Any]:
    """The networks seen, that of the latest delivery first."""
    newest = select(senders).order_by(senders.c.last_seen_at.desc(), senders.c.network).limit(MOST_LISTED)
    return list(conn.execute(newest))


def _by_network(batch: Mapping[str, Seen]) -> dict[str, Seen]:
    """What has no address (a Unix socket) is nobody's network."""
    found: dict[str, Seen] = {}
    for remote, seen in batch.items():
        if name := network(remote):
            _merge(found, {name: seen})
    return found


def _merge(into: dict[str, Seen], batch: Mapping[str, Seen]) -> None:
    for name, seen in batch.items():
        into.setdefault(name, Seen(seen.first_at, seen.last_at)).add(seen)


def _add(tx: Tx, batch: Mapping[str, Seen]) -> None:
    """In the order of the keys: two processes that count the same networks must not wait for each other."""
    ordered = sorted(batch.items())
    zero = {"deliveries": 0, "outside": 0, "refused": 0}
    fresh = [
        {"network": name, "first_seen_at": seen.first_at, "last_seen_at": seen.last_at, **zero}
        for name, seen in ordered
    ]
    insert_or_ignore(tx, senders, fresh)
    for name, seen in ordered:
        tx.execute(update(senders).where(senders.c.network == name).values(**_sums(seen)))


def _sums(seen: Seen) -> dict[str, Any]:
    row = senders.c
    values: dict[str, Any] = {
        "first_seen_at": _choose(row.first_seen_at > seen.first_at, seen.first_at, row.first_seen_at),
        "last_seen_at": _later(row.last_seen_at, seen.last_at),
        "deliveries": row.deliveries + seen.deliveries,
        "outside": row.outside + seen.outside,
        "refused": row.refused + seen.refused,
    }
    if seen.outside_since is not None and seen.last_outside_at is not None:
        values["outside_since"] = _choose(row.outside_since.is_(None), seen.outside_since, row.outside_since)
        values["last_outside_at"] = _later(row.last_outside_at, seen.last_outside_at)
    return values


def _later(column: Column[Any], at: datetime) -> ColumnElement[Any]:
    return _choose(or_(column.is_(None), column < at), at, column)


def _choose(when: ColumnElement[bool], at: datetime, column: Column[Any]) -> ColumnElement[Any]:
    """*at* in the column's own type: CASE would make a text of it."""
    return case((when, literal(at, column.type)), else_=column)
