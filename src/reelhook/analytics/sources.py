"""What is counted, and from which rows: each source is one query for one hour, along an index.

Each gives rows of name, detail, value and how many had this value. A value is in milliseconds or bytes; where there is
nothing to add up it is 0.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    CompoundSelect,
    Select,
    and_,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    text,
    type_coerce,
    union_all,
)

from reelhook.db.tables import (
    assets,
    chat_messages,
    delivery_attempts,
    events,
    job_attempts,
    jobs,
    notification_deliveries,
    rejection_counts,
    seen,
    timeline,
    videos,
)
from reelhook.kit.ids import Ids

Query = Callable[[datetime, datetime], Select[Any] | CompoundSelect[Any]]
Unit = Literal["count", "duration", "bytes", "length"]  # a length is added up, a duration is spread

NOTHING = literal("")
CAME_AFTER_ALL = "came_after_all"  # it had failed, and no longer has
LONGEST = 100  # of a name
# Why a file was not stored that HeyGen itself did not serve.
NOT_SERVED = ("heygen_says_failed", "heygen_video_not_found", "link_expired", "no_link")


@dataclass(frozen=True, slots=True)
class Source:
    """One metric. *query* asks for what happened from one moment until before another."""

    metric: str
    unit: Unit
    query: Query


def _counted(name: Any, detail: Any = NOTHING, value: Any = None, times: Any = None) -> Select[Any]:
    """How often there was each *name*, *detail* and *value*."""
    worth = literal(0) if value is None else value
    number = func.count() if times is None else func.sum(times)
    shown = [func.substr(func.coalesce(part, "unknown"), 1, LONGEST) for part in (name, detail)]
    columns = (shown[0].label("name"), shown[1].label("detail"), worth.label("value"))
    return select(*columns, number.label("times")).group_by(*columns)


def _within(column: ColumnElement[Any], start: datetime, end: datetime) -> ColumnElement[bool]:
    return and_(column >= start, column < end)


def _ids(column: ColumnElement[Any], start: datetime, end: datetime) -> ColumnElement[bool]:
    """Ids begin with the moment at which they were made."""
    return and_(column >= Ids.first_at(start), column < Ids.first_at(end))


def _ms(start: Any, end: Any) -> ColumnElement[int]:
    return (type_coerce(end, BigInteger) - type_coerce(start, BigInteger)) // 1000


def _delivered() -> ColumnElement[bool]:
    """Whether HeyGen sent the event: what reconciliation put in came from no address and has no signature."""
    tried = delivery_attempts.c
    sent = or_(tried.remote.is_not(None), tried.signature_header.is_not(None))
    return or_(events.c.source != "reconcile", exists().where(tried.event_id == events.c.id, sent))


def _accepted(start: datetime, end: datetime) -> Select[Any]:
    return _counted(events.c.type, events.c.source).where(_ids(events.c.id, start, end), _delivered())


def _recovered(start: datetime, end: datetime) -> Select[Any]:
    return _counted(events.c.type).where(_ids(events.c.id, start, end), ~_delivered())


def _applied(start: datetime, end: datetime) -> Select[Any]:
    done = events.c.applied_at.is_not(None)
    took = _ms(events.c.received_at, events.c.applied_at)
    return _counted(events.c.source, value=took).where(_ids(events.c.id, start, end), done)


def _duplicates(start: datetime, end: datetime) -> Select[Any]:
    # Written out, not bound: SQLite uses a partial index only when it sees that the condition implies the index's.
    again = text("delivery_attempts.duplicate")
    return _counted(NOTHING).select_from(delivery_attempts).where(again, _within(delivery_attempts.c.at, start, end))


def _rejected(start: datetime, end: datetime) -> Select[Any]:
    counts = rejection_counts.c
    return _counted(counts.reason, times=counts.refused).where(_within(counts.hour, start, end))


def _asked(start: datetime, end: datetime) -> Select[Any]:
    return _counted(videos.c.kind).where(_ids(videos.c.id, start, end))


def _rendered(start: datetime, end: datetime) -> Select[Any]:
    took = _ms(videos.c.created_at, videos.c.rendered_at)
    ours = videos.c.request.is_not(None)  # of others we do not know when HeyGen was asked
    return _counted(videos.c.kind, value=took).where(_within(videos.c.rendered_at, start, end), ours)


def _ready(start: datetime, end: datetime) -> Select[Any]:
    took = _ms(videos.c.rendered_at, videos.c.ready_at)
    known = videos.c.rendered_at.is_not(None)
    return _counted(videos.c.kind, value=took).where(_within(videos.c.ready_at, start, end), known)


def _wrong(state: str, name: Any, detail: Any) -> Query:
    def query(start: datetime, end: datetime) -> Select[Any]:
        entries = text("timeline.state IN ('failed', 'unarchived')")
        joined = timeline.join(videos, videos.c.id == timeline.c.video_id)
        here = (entries, timeline.c.state == state, _within(timeline.c.at, start, end))
        return _counted(name, detail).select_from(joined).where(*here)

    return query


def _stored(start: datetime, end: datetime) -> Select[Any]:
    return _counted(assets.c.store, assets.c.role, func.coalesce(assets.c.bytes, 0)).where(
        _within(assets.c.stored_at, start, end)
    )


def _expired(start: datetime, end: datetime) -> Select[Any]:
    """A file that was lost from its store and is fetched again was in time the first time."""
    joined = assets.join(videos, videos.c.id == assets.c.video_id)
    not_served = and_(assets.c.role == "video", videos.c.failure_code.in_(NOT_SERVED))
    whose = case((not_served, "heygen"), else_="reelhook")
    here = (
        text("assets.state = 'pending'"),
        _within(assets.c.link_expires_at, start, end),
        assets.c.stored_at.is_(None),
    )
    return _counted(whose, assets.c.role).select_from(joined).where(*here)


def _rendered_length(start: datetime, end: datetime) -> Select[Any]:
    known = videos.c.length_ms.is_not(None)
    return _counted(videos.c.kind, value=videos.c.length_ms).where(_within(videos.c.rendered_at, start, end), known)


def _notified(start: datetime, end: datetime) -> CompoundSelect[Any]:
    told, chat = notification_deliveries.c, chat_messages.c
    return union_all(
        _counted(told.channel, told.state).where(_ids(told.id, start, end)),
        _counted(literal("chat"), chat.state).where(_ids(chat.id, start, end)),
    )


def _seen(start: datetime, end: datetime) -> Select[Any]:
    earlier = seen.alias()
    sooner = or_(earlier.c.at < seen.c.at, and_(earlier.c.at == seen.c.at, earlier.c.browser < seen.c.browser))
    first = ~exists().where(earlier.c.video_id == seen.c.video_id, sooner)
    joined = seen.join(videos, videos.c.id == seen.c.video_id)
    took = _ms(videos.c.ready_at, seen.c.at)
    here = (_within(seen.c.at, start, end), videos.c.ready_at.is_not(None), first)
    return _counted(videos.c.kind, value=took).select_from(joined).where(*here)


def _attempts(start: datetime, end: datetime) -> Select[Any]:
    joined = job_attempts.join(jobs, jobs.c.id == job_attempts.c.job_id)
    here = _within(job_attempts.c.ended_at, start, end)
    return _counted(job_attempts.c.outcome, jobs.c.kind).select_from(joined).where(here)


SOURCES = {
    source.metric: source
    for source in (
        Source("accepted", "count", _accepted),
        Source("duplicates", "count", _duplicates),
        Source("rejected", "count", _rejected),
        Source("recovered", "count", _recovered),
        Source("apply_time", "duration", _applied),
        Source("asked", "count", _asked),
        Source("render_time", "duration", _rendered),
        Source("archive_time", "duration", _ready),
        Source("seen_time", "duration", _seen),
        Source(
            "failed",
            "count",
            _wrong("failed", videos.c.failed_by, func.coalesce(videos.c.failure_code, CAME_AFTER_ALL)),
        ),
        Source("unarchived", "count", _wrong("unarchived", videos.c.kind, NOTHING)),
        Source("stored", "bytes", _stored),
        Source("expired", "count", _expired),
        Source("rendered_length", "length", _rendered_length),
        Source("notified", "count", _notified),
        Source("attempts", "count", _attempts),
    )
}
