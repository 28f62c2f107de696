"""The inbox's side of the comparison: which events of ours may be the ones that HeyGen speaks of."""

from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, Select, or_, select

from reelhook.db.tables import event_keys, events, videos
from reelhook.inbox.selection import TYPE_OF_FEW
from reelhook.kit.ids import EPOCH
from reelhook.reconcile.compare import CLOCKS_APART, Held, Told
from reelhook.reconcile.waiting import IS_WAITING

T = TypeVar("T")
AT_ONCE = 400  # values in one query
MOST_NAMELESS = 10_000  # events of the same few types that are about no resource
_HELD: Select[Any] = select(
    events.c.type,
    events.c.resource_id,
    events.c.heygen_event_id,
    events.c.received_at,
    events.c.source,
    events.c.duplicates,
)


def known_ids(conn: Connection, told: Sequence[Told]) -> Mapping[str, str]:
    """Of the event ids that HeyGen names: those that are here, each with the source of its event."""
    named = sorted({f"event:{row.event_id}" for row in told if row.event_id is not None})
    query = select(event_keys.c.key, events.c.source).join(events, events.c.id == event_keys.c.event_id)
    rows = (row for some in _chunks(named) for row in conn.execute(query.where(event_keys.c.key.in_(some))))
    return {key.removeprefix("event:"): source for key, source in rows}


def alike(conn: Connection, told: Sequence[Told]) -> list[Held]:
    """Every event that may be one of *told*: of the same type and resource, or of the same type and about none."""
    nameless = [row for row in told if row.resource_id is None]
    found = about(conn, {(row.type, row.resource_id) for row in told if row.resource_id is not None})
    if nameless:
        since = min(row.at or EPOCH for row in nameless) - CLOCKS_APART
        types = TYPE_OF_FEW.in_(sorted({row.type for row in nameless}))
        recent = events.c.resource_id.is_(None), events.c.received_at >= since
        newest = _HELD.where(types, *recent).order_by(events.c.id.desc()).limit(MOST_NAMELESS)
        found += [_held(row) for row in conn.execute(newest)]
    return found


def about(conn: Connection, subjects: Set[tuple[str, str]]) -> list[Held]:
    """Every event of one of these types and about one of these resources."""
    # Types and resources apart, for SQLite searches its index for those but not for pairs; so there may be more.
    types = events.c.type.in_(sorted({type_ for type_, _ in subjects}))
    some = _chunks(sorted({resource_id for _, resource_id in subjects}))
    queries = [_HELD.where(types, events.c.resource_id.in_(resource_ids)) for resource_ids in some]
    return [_held(row) for query in queries for row in conn.execute(query)]


def ours(conn: Connection, resource_ids: Sequence[str], *, waiting: bool) -> set[str]:
    """Which of these names of HeyGen's are of videos of ours; with *waiting*, of those that wait for it."""
    found: set[str] = set()
    for some in _chunks(sorted(set(resource_ids))):
        named = or_(videos.c.heygen_video_id.in_(some), videos.c.id.in_(some))
        query = select(videos.c.heygen_video_id, videos.c.id).where(named)
        rows = conn.execute(query.where(IS_WAITING) if waiting else query)
        found |= {name for row in rows for name in row if name}
    return found


def _held(row: Row[Any]) -> Held:
    return Held(row.type, row.resource_id, row.heygen_event_id, row.received_at, row.source, 1 + row.duplicates)


def _chunks(values: Sequence[T]) -> Iterator[Sequence[T]]:
    return (values[at : at + AT_ONCE] for at in range(0, len(values), AT_ONCE))
