"""Differences between HeyGen's events and what is known of them: counted where events are applied, once for each."""

from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, select, update

from reelhook import logs, metrics
from reelhook.db import Tx
from reelhook.db.insert import insert_or_ignore
from reelhook.db.tables import events, schema_drift
from reelhook.heygen import Difference, differences, parse
from reelhook.inbox.arrival import TEST_TYPE
from reelhook.kit.text import shorten
from reelhook.kit.times import rfc3339

MOST = 500  # rows; what is beyond them is counted by the metric alone
MOST_TYPE = 100
Json = dict[str, Any]

log = logs.get("inbox")


def note(tx: Tx, event: Row[Any]) -> None:
    """Count what is new or missing in *event*. Only what HeyGen signed counts: much of the rest is our own making."""
    if event.source != "webhook" or event.type == TEST_TYPE:
        return
    message = parse(event.body)
    for difference in differences(message):
        _count(tx, shorten(message.type, MOST_TYPE), difference, event)


def _count(tx: Tx, event_type: str, difference: Difference, event: Row[Any]) -> None:
    key = {"kind": difference.kind, "type": event_type, "field": difference.field}
    if not _add(tx, key, event) and _room(tx):
        seen = {"first_seen_at": event.received_at, "last_seen_at": event.received_at}
        insert_or_ignore(tx, schema_drift, [key | seen | {"events": 0, "last_event_id": event.id}])
        _add(tx, key, event)
        tx.after_commit(lambda: log.warning("schema.drift", event_id=event.id, **key))
    tx.after_commit(lambda: metrics.SCHEMA_DRIFT.labels(difference.kind).inc())


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
