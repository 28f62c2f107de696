"""The stream log: what browsers are told, as rows. A row's id is its SSE id; ids appear in commit order."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, Select, func, insert, select, text, union_all, update

from reelhook import tracing
from reelhook.db import Tx
from reelhook.db.insert import insert_or_ignore
from reelhook.db.tables import marks, stream

SIGNAL = "stream"
FLOOR = "stream_floor"
# Any number will do, as long as nothing else locks it. Held from the first append to the commit.
POSTGRES_LOCK = 7_318_411_002
COLUMNS = (
    stream.c.id,
    stream.c.event,
    stream.c.video_id,
    stream.c.subject,
    stream.c.data,
    stream.c.at,
    stream.c.received_at,
    stream.c.trace,
)


@dataclass(frozen=True, slots=True)
class Update:
    """One row of the stream: *data* is one line of JSON, *at* when it was written, *received_at* when its event came,
    *trace* the span that wrote it.
    """

    id: int
    event: str
    video_id: str | None
    subject: str | None
    data: str
    at: datetime | None = None
    received_at: datetime | None = None
    trace: str | None = None


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
        "received_at": tx.received_at,
        "trace": tracing.carried(),
    }
    tx.at_end(_insert, row)
    tx.signal(SIGNAL)


def _insert(conn: Connection, rows: list[dict[str, Any]]) -> None:
    if conn.dialect.name == "postgresql":
        conn.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": POSTGRES_LOCK})
    conn.execute(insert(stream), rows)


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


def after(
    conn: Connection, last_id: int, limit: int, among: Sequence[ColumnElement[bool]] | None = None
) -> list[Update]:
    """The updates behind *last_id*, in order, at most *limit*; only those for which one of *among* holds, if given."""
    behind = select(*COLUMNS).where(stream.c.id > last_id).order_by(stream.c.id).limit(limit)
    return [Update(*row) for row in conn.execute(behind if among is None else _any_of(behind, among, limit))]


def _any_of(behind: Select[Any], among: Sequence[ColumnElement[bool]], limit: int) -> Any:
    """Each condition by itself: a planner that sees an OR may walk through all rows instead."""
    parts = [select(behind.where(condition).subquery()) for condition in among]
    return union_all(*parts).order_by("id").limit(limit)


def follow(conn: Connection, last_id: int, limit: int) -> list[Update]:
    """The updates behind *last_id* for one that has read all so far.

    Raises *HistoryGone* when the log was pruned beyond that.
    """
    updates = after(conn, last_id, limit)
    _require_kept(conn, last_id)
    return updates


def replay(
    conn: Connection, last_id: int, limit: int, among: Sequence[ColumnElement[bool]] | None = None
) -> tuple[list[Update], int]:
    """The next updates for a client that names *last_id*, and the id up to which these are all there are *among* them.

    Raises *HistoryGone* when the log was pruned beyond that, and for an id that was never given out.
    """
    newest = head(conn)  # read first: what is committed from here on has a larger id
    if last_id > newest:
        raise HistoryGone(newest)
    updates = after(conn, last_id, limit, among)
    _require_kept(conn, last_id)
    last = updates[-1].id if updates else last_id
    return updates, last if len(updates) == limit else max(last, newest)


def latest(conn: Connection, most: int) -> tuple[int, list[Update]]:
    """The end of the log: an id, and all updates behind it, in order, at most *most*."""
    rows = conn.execute(select(*COLUMNS).order_by(stream.c.id.desc()).limit(most)).all()
    kept_from = floor(conn)  # read after the rows, as everywhere; below it some rows may be spared, but not all
    updates = [update for update in (Update(*row) for row in reversed(rows)) if update.id > kept_from]
    return max(updates[0].id - 1, kept_from) if updates else head(conn), updates


def _require_kept(conn: Connection, last_id: int) -> None:
    """To be asked after the rows were read: if they are pruned in between, the floor shows it."""
    if last_id < floor(conn):
        raise HistoryGone(head(conn))
