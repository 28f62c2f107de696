"""The numbers in their table: written hour by hour, each day anew from its hours, and read by range."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select

from reelhook.analytics import spread
from reelhook.analytics.counts import Key, Number, Numbers, summed
from reelhook.analytics.sources import SOURCES
from reelhook.db import Tx
from reelhook.db.insert import insert_or_ignore
from reelhook.db.tables import events, marks, numbers, rejection_counts, videos

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MARK = "numbers_counted_until"

table = numbers.c


def hour_of(moment: datetime) -> datetime:
    """The beginning of the hour that holds *moment*."""
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


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
    """The sums of all rows of *step* from *start* until before *end*, by metric."""
    found: dict[str, Numbers] = {}
    for metric in metrics:
        sums: Numbers = {}
        for _, key, number in each(conn, metric, start, end, step):
            sums.setdefault(key, Number()).add(number)
        if sums:
            found[metric] = sums
    return found


def each(
    conn: Connection, metric: str, start: datetime, end: datetime, step: str = "hour"
) -> Iterator[tuple[datetime, Key, Number]]:
    """Every row of a metric in this time, in order."""
    query = (
        select(table.start, table.name, table.detail, table.count, table.total, table.spread)
        .where(table.step == step, table.metric == metric, table.start >= start, table.start < end)
        .order_by(table.start)
    )
    for at, name, detail, count, total, kept in conn.execute(query):
        yield at, (name, detail), Number(count, total, spread.read(kept))


def _replace(tx: Tx, step: str, metric: str, start: datetime, parts: Numbers) -> None:
    same = (table.step == step, table.metric == metric, table.start == start)
    tx.execute(delete(numbers).where(*same))
    rows = [_row(step, metric, start, key, number) for key, number in sorted(parts.items())]
    if rows:
        tx.execute(insert(numbers), rows)


def _row(step: str, metric: str, start: datetime, key: Key, number: Number) -> dict[str, Any]:
    named = {"step": step, "metric": metric, "start": start, "name": key[0], "detail": key[1]}
    kept = spread.kept(number.spread) if number.spread else None
    return named | {"count": number.count, "total": number.total, "spread": kept}
