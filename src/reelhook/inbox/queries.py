"""Reading events and their deliveries."""

import base64
from typing import Any

import orjson
from sqlalchemy import Connection, Row, Select, func, select

from reelhook.db.tables import delivery_attempts, event_keys, events, timeline
from reelhook.errors import NotFound
from reelhook.inbox.arrival import keys_of
from reelhook.inbox.selection import conditions, named
from reelhook.jobs.event_filter import EventFilter
from reelhook.kit.pages import Page
from reelhook.kit.text import storable
from reelhook.kit.times import rfc3339

Json = dict[str, Any]
# Everything but the body and the headers, which a list does not need and may be large.
COLUMNS = [column for column in events.c if column.name not in ("body", "headers")]
MOST_TOLD = 500  # entries of a video's timeline that are looked through
SUMMARIES: Select[Any] = select(*COLUMNS, func.length(events.c.body).label("bytes"))


def listing(conn: Connection, at: Page, which: EventFilter, q: str | None = None) -> Json:
    """A page of events, newest first. *q* is an id by which they are looked for."""
    wanted = conditions(which) if q is None else [*conditions(which, few=True), named(q)]
    found: list[Row[Any]] = list(conn.execute(at.select(SUMMARIES.where(*wanted), events.c.id)))
    rows = at.listing(found, lambda row: row.id)
    return {"data": [_summary(row) for row in rows.data], "next_cursor": rows.next_cursor}


def summary(conn: Connection, event_id: str) -> Json:
    """One event as lists show it. Raises *NotFound*."""
    return _summary(_found(conn, SUMMARIES, event_id))


def detail(conn: Connection, event_id: str) -> Json:
    """One event with its exact body and headers, every request that carried it, what a repeat is recognised by, and
    what it changed. Raises *NotFound*."""
    row = _found(conn, SUMMARIES.add_columns(events.c.body, events.c.headers), event_id)
    attempts = conn.execute(
        select(delivery_attempts).where(delivery_attempts.c.event_id == row.id).order_by(delivery_attempts.c.id)
    )
    return _summary(row) | {
        "endpoint": row.endpoint,
        "body": row.body.decode("utf-8", "replace"),
        "body_base64": base64.b64encode(row.body).decode(),
        "headers": orjson.loads(row.headers),
        "attempts": [_attempt(attempt) for attempt in attempts],
        "keys": _keys(conn, row),
        "changed": _changed(conn, row),
    }


def _keys(conn: Connection, row: Row[Any]) -> list[Json]:
    """What a repeat is recognised by. A key is *kept* for DEDUP_DAYS, and may have led to an earlier event before."""
    keys = keys_of(row.endpoint, row.body, row.heygen_event_id)
    found = select(event_keys.c.key, event_keys.c.event_id).where(event_keys.c.key.in_(keys))
    leads = {found.key: found.event_id for found in conn.execute(found)}
    return [{"key": key, "kept": key in leads, "event_id": leads.get(key, row.id)} for key in keys]


def _changed(conn: Connection, row: Row[Any]) -> list[Json]:
    """What the event brought about in the life of its video, as far as its timeline is kept."""
    told = select(timeline).where(timeline.c.video_id == row.video_id).order_by(timeline.c.id)
    return [
        {"at": rfc3339(entry.at), "kind": entry.kind, "state": entry.state, "message": entry.message}
        for entry in conn.execute(told.limit(MOST_TOLD))
        if entry.data.get("cause") == row.id
    ]


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
