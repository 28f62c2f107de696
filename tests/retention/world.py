"""Rows of everything that grows by itself, as many as a test likes."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Float, Integer, LargeBinary, String, Table, Text

from reelhook.db import Database, Tx
from reelhook.db import tables as t
from reelhook.db.types import Json, Moment
from reelhook.kit.ids import Ids
from reelhook.notify.channels.webhook.outbox import message_id

# What a finished thing looks like; every other column is filled by its type.
DONE: dict[str, dict[str, Any]] = {
    "events": {"state": "applied", "video_id": None},
    "jobs": {"state": "done", "unique_key": None, "discarded_reason": None},
    "videos": {"state": "ready", "retry_of": None},
}
# In the order in which rows refer to each other.
GROWING = (
    t.events,
    t.delivery_attempts,
    t.event_keys,
    t.rejections,
    t.rejection_counts,
    t.senders,
    t.schema_drift,
    t.timeline,
    t.seen,
    t.idempotency_keys,
    t.stream,
    t.jobs,
    t.job_attempts,
    t.audit,
    t.sessions,
    t.sign_in_links,
    t.reconciliations,
    t.outgoing_messages,
    t.incidents,
    t.error_groups,
    t.notifications,
    t.chat_messages,
    t.numbers,
    t.processes,
)


class World:
    """A database with one video and one person, and rows about them."""

    def __init__(self, db: Database, ids: Ids, now: datetime) -> None:
        self._db, self._ids = db, ids
        self._known = {"video_id": "v", "person_id": "p", "destination_id": "d", "id": ""}
        for table, id_ in ((t.videos, "v"), (t.people, "p"), (t.chat_destinations, "d")):
            self.write(table, 1, now, id=id_)

    def round(self, many: int, now: datetime) -> None:
        """Write *many* rows into every table that grows."""
        for table in GROWING:
            self.write(table, many, now)

    def write(self, table: Table, many: int, now: datetime, **given: Any) -> None:
        rows = [self._row(table, now) | given for _ in range(many)]
        if table is t.jobs:
            self._known["job_id"] = rows[-1]["id"]
        if table is t.events:
            self._known["event_id"] = rows[-1]["id"]
        self._db.write_now(lambda tx: _insert(tx, table, rows))

    def _row(self, table: Table, now: datetime) -> dict[str, Any]:
        row = {column.name: self._value(column, now) for column in table.c if not _numbered(column)}
        if table is t.outgoing_messages:
            row["id"] = message_id(row["id"])
        return (
            row
            | {name: value for name, value in self._known.items() if value and name in row}
            | DONE.get(table.name, {})
        )

    def _value(self, column: Column[Any], now: datetime) -> Any:
        if isinstance(column.type, Moment):
            return now
        if isinstance(column.type, Json):
            return {}
        if isinstance(column.type, LargeBinary):
            return b"x" * 700
        if isinstance(column.type, Boolean):
            return False
        if isinstance(column.type, (Integer, BigInteger, Float)):
            return 1
        assert isinstance(column.type, (String, Text))
        short = column.type.length is not None and column.type.length < 36
        return "x" if short else self._ids.new()


def _numbered(column: Column[Any]) -> bool:
    return bool(column.primary_key and isinstance(column.type, (Integer, BigInteger)))


def _insert(tx: Tx, table: Table, rows: list[dict[str, Any]]) -> None:
    tx.execute(table.insert(), rows)


def much_later(now: datetime) -> datetime:
    """When nothing of now is to be kept any more."""
    return now + timedelta(days=3000)
