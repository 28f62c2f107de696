"""Reading events and their deliveries."""

from typing import Any

import orjson
from sqlalchemy import Connection, Row, Select, func, select

from reelhook.db.tables import delivery_attempts, events
from reelhook.errors import NotFound
from reelhook.inbox.selection import conditions
from reelhook.jobs.kinds import EventFilter
from reelhook.kit.pages import Page
from reelhook.kit.text import storable
from reelhook.kit.times import rfc3339

Json = dict[str, Any]
# Everything but the body and the headers, which a list does not need and may be large.
COLUMNS = [column for column in events.c if column.name not in ("body", "headers")]
SUMMARIES: Select[Any] = select(*COLUMNS, func.length(events.c.body).label("bytes"))


def listing(conn: Connection, at: Page, which: EventFilter) -> Json:
    """A page of events, newest first."""
    found: list[Row[Any]] = list(conn.execute(at.select(SUMMARIES.where(*conditions(which)), events.c.id)))
    rows = at.listing(found, lambda row: row.id)
    return {"data": [_summary(row) for row in rows.data], "next_cursor": rows.next_cursor}


def summary(conn: Connection, event_id: str) -> Json:
    """One event as lists show it. Raises *NotFound*."""
    return _summary(_found(conn, SUMMARIES, event_id))


def detail(conn: Connection, event_id: str) -> Json:
    """One event with its exact body, its headers and every request that carried it. Raises *NotFound*."""
    row = _found(conn, SUMMARIES.add_columns(events.c.body, events.c.headers), event_id)
    attempts = conn.execute(
        select(delivery_attempts).where(delivery_attempts.c.event_id == event_id).order_by(delivery_attempts.c.id)
    )
    return _summary(row) | {
        "body": row.body.decode("utf-8", "replace"),
        "headers": orjson.loads(row.headers),
        "attempts": [_attempt(attempt) for attempt in attempts],
    }


def _found(conn: Connection, query: Select[Any], event_id: str) -> Row[Any]:
    row = conn.execute(query.where(events.c.id == storable(event_id))).first()
    if row is None:
        raise NotFound(f"there is no event {event_id}")
    return row


def _summary(row: Row[Any]) -> Json:
    return {
        "id": row.id,
        "type": row.type,
        "resource_id": row.resource_id,
        "video_id": row.video_id,
        "event_id": row.heygen_event_id,
        "source": row.source,
        "state": row.state,
        "verdict": row.verdict,
        "received_at": rfc3339(row.received_at),
        "applied_at": rfc3339(row.applied_at) if row.applied_at else None,
        "duplicates": row.duplicates,
        "replays": row.replays,
        "replayed_at": rfc3339(row.replayed_at) if row.replayed_at else None,
        "replay_verdict": row.replay_verdict,
        "bytes": row.bytes,
    }


def _attempt(row: Row[Any]) -> Json:
    return {
        "at": rfc3339(row.at),
        "remote": row.remote,
        "signature": row.signature_header,
        "duplicate": row.duplicate,
    }
