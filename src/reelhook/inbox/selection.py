"""Finding the events that a filter means, for lists and for replays."""

from sqlalchemy import ColumnElement, Connection, func, select, union_all

from reelhook.db.tables import event_keys, events, videos
from reelhook.jobs.event_filter import EventFilter
from reelhook.kit.ids import Ids
from reelhook.kit.text import storable

# Where few rows are left anyway, a planner must not walk through all of a type instead.
TYPE_OF_FEW = func.coalesce(events.c.type, "")


def conditions(which: EventFilter, *, few: bool = False) -> list[ColumnElement[bool]]:
    """What the rows must fulfil. Times are compared by id, which sorts by them and is indexed.

    *few*: something else narrows them to a few.
    """
    wanted = (
        (TYPE_OF_FEW if few or which.video_id is not None else events.c.type, which.type),
        (events.c.state, which.state),
        (events.c.video_id, which.video_id),
        (events.c.source, which.source),
    )
    found: list[ColumnElement[bool]] = [column == storable(value) for column, value in wanted if value is not None]
    if which.since is not None:
        found.append(events.c.id >= Ids.first_at(which.since))
    if which.until is not None:
        found.append(events.c.id < Ids.first_at(which.until))
    return found


def named(text: str) -> ColumnElement[bool]:
    """Those that *text* names: by an id of the event, of its video, or of what it is about. Each way has an index."""
    name, by_id = storable(text.strip()), select(events.c.id)
    its_video = select(videos.c.id).where(videos.c.heygen_video_id == name).scalar_subquery()
    ways = (
        by_id.where(events.c.id == name),
        by_id.where(events.c.video_id == name),
        by_id.where(events.c.video_id == its_video),
        by_id.where(events.c.resource_id == name),
        select(event_keys.c.event_id).where(event_keys.c.key == f"event:{name}"),
    )
    return events.c.id.in_(union_all(*ways))


def extent(conn: Connection, which: EventFilter) -> tuple[int, str]:
    """How many events are meant, and the id of the newest (empty when there is none)."""
    number, newest = conn.execute(select(func.count(), func.max(events.c.id)).where(*conditions(which))).one()
    return number, newest or ""


def some(conn: Connection, which: EventFilter, *, after: str, up_to: str, limit: int) -> tuple[str, ...]:
    """The ids of those behind *after* and up to *up_to*, the oldest first, at most *limit*."""
    query = select(events.c.id).where(*conditions(which), events.c.id > after, events.c.id <= up_to)
    return tuple(conn.execute(query.order_by(events.c.id).limit(limit)).scalars())
