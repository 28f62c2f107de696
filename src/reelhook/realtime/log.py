"""The stream log: what browsers are told, as rows. A row's id is its SSE id; ids appear in commit order."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, func, insert, select, text, update

from reelhook.db import Tx
from reelhook.db.insert import insert_or_ignore
from reelhook.db.tables import marks, stream

SIGNAL = "stream"
FLOOR = "stream_floor"
# Any number will do, as long as nothing else locks it. Held from the first append to the commit.
POSTGRES_LOCK = 7_318_411_002


@dataclass(frozen=True, slots=True)
class Update:
    """One row of the stream: *data* is one line of JSON."""

    id: int
    event: str
    video_id: str | None
    subject: str | None
    data: str


class HistoryGone(Exception):
    """A client's Last-Event-ID lies below the kept floor, or above the *head*: it must fetch everything anew."""

    def __init__(self, head: int) -> None:
        super().__init__(f"the log does not reach; its head is {head}")
        self.head = head


def append(
    tx: Tx, event: str, data: dict[str, Any], *, at: datetime, video_id: str | None = None, subject: str | None = None
) -> None:
    """Add an update to the caller's transaction.

    The row is written at the transaction's end: on Postgres a sequence is not in commit order, so appends take turns
    under a lock, and that lock must be held as shortly as possible.
    """
    row = {
        "event": event,
        "video_id": video_id,
        "subject": subject,
        "data": orjson.dumps(data).decode(),
        "at": at,
    }
    tx.at_end(lambda conn: _insert(conn, row))
    tx.signal(SIGNAL)


def _insert(conn: Connection, row: dict[str, Any]) -> None:
    if conn.dialect.name == "postgresql":
        conn.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": POSTGRES_LOCK})
    conn.execute(insert(stream), row)


def head(conn: Connection) -> int:
    """The id of the newest update that is committed, 0 when there is none."""
    newest = conn.execute(select(func.max(stream.c.id))).scalar()
    return max(int(newest or 0), floor(conn))


def floor(conn: Connection) -> int:
    """Updates up to this id may be gone: a client that has seen less must fetch everything anew."""
    value = conn.execute(select(marks.c.value).where(marks.c.name == FLOOR)).scalar()
    return int(value or 0)


def raise_floor(tx: Tx, to: int) -> None:
    """Say that updates up to the id *to* may be gone, in the transaction in which they go. It never sinks."""
    insert_or_ignore(tx, marks, [{"name": FLOOR, "value": "0"}])
    if to > floor(tx.conn):
        tx.execute(update(marks).where(marks.c.name == FLOOR).values(value=str(to)))


def after(conn: Connection, last_id: int, limit: int) -> list[Update]:
    """The updates behind *last_id*, in order, at most *limit*."""
    columns = (stream.c.id, stream.c.event, stream.c.video_id, stream.c.subject, stream.c.data)
    query = select(*columns).where(stream.c.id > last_id).order_by(stream.c.id).limit(limit)
    return [Update(*row) for row in conn.execute(query)]


def follow(conn: Connection, last_id: int, limit: int) -> list[Update]:
    """The same for one that has read all so far. Raises *HistoryGone* when the log was pruned beyond that."""
    updates = after(conn, last_id, limit)
    # Read after the rows: if they are pruned in between, the floor shows it.
    if last_id < floor(conn):
        raise HistoryGone(head(conn))
    return updates


def replay(conn: Connection, last_id: int, limit: int) -> list[Update]:
    """The same for a client that names *last_id*. Raises *HistoryGone* also for one that was never given out."""
    updates = follow(conn, last_id, limit)
    if not updates and last_id > head(conn):
        raise HistoryGone(head(conn))
    return updates
