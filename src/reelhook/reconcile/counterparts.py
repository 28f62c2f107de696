"""The inbox's side of the comparison: which events of ours may be the ones that HeyGen speaks of."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

from sqlalchemy import ColumnElement, Connection, and_, or_, select, tuple_

from reelhook.db.tables import event_keys, events, videos
from reelhook.kit.ids import EPOCH
from reelhook.reconcile.compare import CLOCKS_APART, Held, Told
from reelhook.reconcile.waiting import IS_WAITING

T = TypeVar("T")
AT_ONCE = 400  # values in one query
MOST_NAMELESS = 10_000  # events of the same few types that are about no resource


def known_ids(conn: Connection, told: Sequence[Told]) -> Mapping[str, str]:
    """Of the event ids that HeyGen names: those that are here, each with the source of its event."""
    named = sorted({f"event:{row.event_id}" for row in told if row.event_id is not None})
    query = select(event_keys.c.key, events.c.source).join(events, events.c.id == event_keys.c.event_id)
    rows = (row for some in _chunks(named) for row in conn.execute(query.where(event_keys.c.key.in_(some))))
    return {key.removeprefix("event:"): source for key, source in rows}


def alike(conn: Connection, told: Sequence[Told]) -> list[Held]:
    """Every event of the same type and resource as one of *told*; where it is about none, of the same type and time."""
    about = sorted({(row.type, row.resource_id) for row in told if row.resource_id is not None})
    same: list[ColumnElement[bool]] = [tuple_(events.c.type, events.c.resource_id).in_(some) for some in _chunks(about)]
    nameless = [row for row in told if row.resource_id is None]
    if nameless:
        since = min(row.at or EPOCH for row in nameless)
        types = events.c.type.in_(sorted({row.type for row in nameless}))
        same.append(and_(types, events.c.resource_id.is_(None), events.c.received_at >= since - CLOCKS_APART))
    return [held for condition in same for held in _held(conn, condition)]


def ours(conn: Connection, resource_ids: Sequence[str], *, waiting: bool) -> set[str]:
    """Which of these names of HeyGen's are of videos of ours; with *waiting*, of those that wait for it."""
    found: set[str] = set()
    for some in _chunks(sorted(set(resource_ids))):
        named = or_(videos.c.heygen_video_id.in_(some), videos.c.id.in_(some))
        query = select(videos.c.heygen_video_id, videos.c.id).where(named)
        rows = conn.execute(query.where(IS_WAITING) if waiting else query)
        found |= {name for row in rows for name in row if name}
    return found


def _held(conn: Connection, condition: ColumnElement[bool]) -> Iterator[Held]:
    columns = events.c.type, events.c.resource_id, events.c.heygen_event_id, events.c.received_at, events.c.source
    newest = select(*columns, events.c.duplicates).where(condition).order_by(events.c.id.desc()).limit(MOST_NAMELESS)
    for type_, resource_id, event_id, received_at, source, duplicates in conn.execute(newest):
        yield Held(type_, resource_id, event_id, received_at, source, 1 + duplicates)


def _chunks(values: Sequence[T]) -> Iterator[Sequence[T]]:
    return (values[at : at + AT_ONCE] for at in range(0, len(values), AT_ONCE))
