"""The numbers in their table: written hour by hour, each day anew from its hours, and read by range."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, Text, cast, delete, func, insert, select, type_coerce

from reelhook.analytics import spread
from reelhook.analytics.counts import Key, Number, Numbers, summed
from reelhook.analytics.sources import SOURCES
from reelhook.analytics.spans import DAY, HOUR, Run, Span, hour_of
from reelhook.db import Tx
from reelhook.db.insert import insert_or_ignore
from reelhook.db.tables import events, marks, numbers, rejection_counts, videos
from reelhook.db.types import EPOCH

MICROSECOND = timedelta(microseconds=1)
MARK = "numbers_counted_until"

table = numbers.c
# What the rows of a group add up to. Their spreads come as one list, which is added here: it is the fastest way.
SUMS = (
    cast(func.sum(table.count), BigInteger),
    cast(func.sum(table.total), BigInteger),
    func.aggregate_strings(type_coerce(table.spread, Text), ","),
)


def counted_until(conn: Connection) -> datetime | None:
    """The end of the last hour that was counted; None before the first."""
    kept = conn.execute(select(marks.c.value).where(marks.c.name == MARK)).scalar()
    return None if kept is None else datetime.fromisoformat(kept)


def mark(tx: Tx, until: datetime) -> None:
    """Note that every hour before *until* is counted."""
    insert_or_ignore(tx, marks, [{"name": MARK, "value": until.isoformat()}])
    tx.execute(marks.update().where(marks.c.name == MARK).values(value=until.isoformat()))


def first_hour(conn: Connection) -> datetime | None:
    """The hour of the oldest thing that could be counted; None when there is nothing yet."""
    oldest_event = select(func.min(events.c.id)).scalar_subquery()
    oldest_video = select(func.min(videos.c.id)).scalar_subquery()
    found = (
        conn.execute(select(events.c.received_at).where(events.c.id == oldest_event)).scalar(),
        conn.execute(select(videos.c.created_at).where(videos.c.id == oldest_video)).scalar(),
        conn.execute(select(func.min(rejection_counts.c.hour, type_=rejection_counts.c.hour.type))).scalar(),
    )
    oldest = min((moment for moment in found if moment is not None), default=None)
    return None if oldest is None else hour_of(oldest)


def write_hour(tx: Tx, hour: datetime, found: Mapping[str, Numbers]) -> None:
    """Put what was *found* in place of what stood there, and add the day up anew.

    A later look may find more of something, never less: what was deleted since has happened all the same.
    """
    kept = read(tx.conn, "hour", hour, hour + HOUR)
    for metric, parts in found.items():
        if summed(parts).count >= summed(kept.get(metric, {})).count:
            _replace(tx, "hour", metric, hour, parts)
    day = hour.replace(hour=0)
    for metric, parts in read(tx.conn, "hour", day, day + DAY).items():
        _replace(tx, "day", metric, day, parts)


def read(
    conn: Connection, step: str, start: datetime, end: datetime, metrics: Iterable[str] = SOURCES
) -> dict[str, Numbers]:
    """The sums of all rows of *step* from *start* until before *end*, by metric, name and detail."""
    keys = (table.metric, table.name, table.detail)
    query = select(*keys, *SUMS).where(*_between(step, metrics, start, end)).group_by(*keys)
    found: dict[str, Numbers] = {}
    for metric, name, detail, *sums in conn.execute(query):
        found.setdefault(metric, {})[name, detail] = _number(*sums)
    return found


def by_piece(conn: Connection, run: Run, metrics: Iterable[str], span: Span) -> Iterator[tuple[str, int, Number]]:
    """The sums of the hours of *span* in each piece of a *run*, by metric and number of the piece."""
    since = type_coerce(table.start, BigInteger) - (run.start - EPOCH) // MICROSECOND
    keys = (table.metric, (since // (run.length // MICROSECOND)).label("piece"))
    here = _between("hour", metrics, max(run.start, span.start), min(run.end, span.end))
    for metric, piece, *sums in conn.execute(select(*keys, *SUMS).where(*here).group_by(*keys)):
        yield metric, run.first + piece, _number(*sums)


def _between(step: str, metrics: Iterable[str], start: datetime, end: datetime) -> tuple[ColumnElement[bool], ...]:
    """A piece of the table's key for each metric."""
    return table.step == step, table.metric.in_(tuple(metrics)), table.start >= start, table.start < end


def _number(count: int, total: int, spreads: str | None) -> Number:
    return Number(count, total, spread.merged(spreads))


def _replace(tx: Tx, step: str, metric: str, start: datetime, parts: Numbers) -> None:
    same = (table.step == step, table.metric == metric, table.start == start)
    tx.execute(delete(numbers).where(*same))
    rows = [row(step, metric, start, key, number) for key, number in sorted(parts.items())]
    if rows:
        tx.execute(insert(numbers), rows)


def row(step: str, metric: str, start: datetime, key: Key, number: Number) -> dict[str, Any]:
    """A row of the table."""
    named = {"step": step, "metric": metric, "start": start, "name": key[0], "detail": key[1]}
    kept = spread.kept(number.spread) if number.spread else None
    return named | {"count": number.count, "total": number.total, "spread": kept}
