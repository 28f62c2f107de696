"""Differences between HeyGen's events and what is known of them: counted where events are applied, once for each."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, select, update

from reelhook import logs, metrics
from reelhook.db import Tx
from reelhook.db.insert import insert_or_ignore
from reelhook.db.tables import events, schema_drift
from reelhook.events import differences, parse
from reelhook.inbox.arrival import TEST_TYPE
from reelhook.kit.text import shorten
from reelhook.kit.times import rfc3339

MOST = 500  # rows; what is beyond them is counted by the metric alone
MOST_TYPE = 100
Json = dict[str, Any]

log = logs.get("inbox")


def note(tx: Tx, group: Sequence[Row[Any]]) -> None:
    """Count what is new or missing in the events of *group*.

    Only what HeyGen signed counts: much of the rest is our own making.
    """
    signed = [event for event in group if event.source == "webhook" and event.type != TEST_TYPE]
    found = [(key, event) for event in signed for key in _differing(event)]
    if found:
        _lock(tx, {key["type"] for key, _ in found})
    for key, event in found:
        _count(tx, key, event)


def _lock(tx: Tx, types: Collection[str]) -> None:
    """In one order: two groups that count the same must not wait for each other for ever."""
    row = schema_drift.c
    known = select(row.kind).where(row.type.in_(types)).order_by(row.kind, row.type, row.field)
    tx.execute(known.with_for_update()).close()


def _differing(event: Row[Any]) -> list[Json]:
    """What is new or missing in one event, as the keys of our rows."""
    message = parse(event.body)
    about = shorten(message.type, MOST_TYPE)
    return [{"kind": one.kind, "type": about, "field": one.field} for one in differences(message)]


def _count(tx: Tx, key: Json, event: Row[Any]) -> None:
    if not _add(tx, key, event) and _room(tx):
        seen = {"first_seen_at": event.received_at, "last_seen_at": event.received_at}
        insert_or_ignore(tx, schema_drift, [key | seen | {"events": 0, "last_event_id": event.id}])
        _add(tx, key, event)
        tx.after_commit(lambda: log.warning("schema.drift", event_id=event.id, **key))
    tx.after_commit(metrics.SCHEMA_DRIFT.labels(key["kind"]).inc)


def _add(tx: Tx, key: Json, event: Row[Any]) -> bool:
    values = {"events": schema_drift.c.events + 1, "last_seen_at": event.received_at, "last_event_id": event.id}
    changed: int = tx.execute(update(schema_drift).where(_is(key)).values(**values)).rowcount
    return changed > 0


def _is(key: Json) -> ColumnElement[bool]:
    return and_(*(schema_drift.c[name] == value for name, value in key.items()))


def _room(tx: Tx) -> bool:
    kept: int = tx.execute(select(func.count()).select_from(schema_drift)).scalar_one()
    return kept < MOST


def listed(conn: Connection) -> list[Json]:
    """All that is known, the latest first, each with the video of its last event while that is kept."""
    row = schema_drift.c
    query = select(schema_drift, events.c.video_id).outerjoin(events, events.c.id == row.last_event_id)
    found = conn.execute(query.order_by(row.last_seen_at.desc(), row.type, row.kind, row.field))
    return [_told(one) for one in found]


def _told(row: Row[Any]) -> Json:
    return {
        "kind": row.kind,
        "type": row.type,
        "field": row.field or None,
        "events": row.events,
        "first_seen_at": rfc3339(row.first_seen_at),
        "last_seen_at": rfc3339(row.last_seen_at),
        "last_event_id": row.last_event_id,
        "last_video_id": row.video_id,
    }
