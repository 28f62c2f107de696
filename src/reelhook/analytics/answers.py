"""What is asked of the numbers: kept ones for hours that were counted, and the rows themselves for those just now."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select, text

from reelhook.analytics.counts import Number, Numbers, add, counted, summed
from reelhook.analytics.rows import by_piece, counted_until, read
from reelhook.analytics.sources import SOURCES
from reelhook.analytics.spans import DAY, HOUR, Cut, Span, hour_of
from reelhook.auth.names import names_of
from reelhook.db.tables import audit, jobs

MOST_LIVE = 3  # hours that are counted while somebody waits
MOST_PARTS = 100
MOST_ACTORS = 50
# Written out, not bound: SQLite uses a partial index only when it sees that the condition implies the index's.
NOT_DONE = text("jobs.state <> 'done'")

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads on *conn*: rows before *kept* from the table, from there until before *until* anew."""

    conn: Connection
    kept: datetime
    until: datetime

    @classmethod
    def at(cls, conn: Connection, now: datetime) -> "Reader":
        """What is further behind than a few hours waits for the job that counts; the answer says until when it is."""
        coming = hour_of(now) + HOUR
        kept = counted_until(conn) or coming - MOST_LIVE * HOUR
        return cls(conn, kept, min(coming, kept + MOST_LIVE * HOUR))

    def pieces(self, metrics: Sequence[str], span: Span, cut: Cut) -> dict[str, list[Number]]:
        """The number of each piece of *cut*, by metric."""
        sums = {metric: [Number() for _ in cut.starts] for metric in metrics}
        kept = Span(span.start, min(span.end, self.kept))
        for run in cut.runs():
            for metric, piece, number in by_piece(self.conn, run, metrics, kept):
                sums[metric][piece].add(number)
        for start, end in self._live(span):
            for metric in metrics:
                sums[metric][cut.index(start)].add(summed(counted(self.conn, SOURCES[metric], start, end)))
        return sums

    def parts(self, metrics: Sequence[str], span: Span) -> dict[str, Numbers]:
        """What *span* adds up to, by metric, name and detail: whole days by the rows of days, the rest by hours."""
        end = max(span.start, min(span.end, self.kept))
        first, last = _day_from(span.start), end.replace(hour=0)
        if first >= last:
            pieces: tuple[tuple[str, datetime, datetime], ...] = (("hour", span.start, end),)
        else:
            pieces = (("hour", span.start, first), ("day", first, last), ("hour", last, end))
        sums: dict[str, Numbers] = {metric: {} for metric in metrics}
        for piece in pieces:
            for metric, found in read(self.conn, *piece, metrics=metrics).items():
                add(sums[metric], found)
        for start, end in self._live(span):
            for metric in metrics:
                add(sums[metric], counted(self.conn, SOURCES[metric], start, end))
        return sums

    def _live(self, span: Span) -> Iterator[tuple[datetime, datetime]]:
        start, end = max(span.start, self.kept), min(span.end, self.until)
        while start < end:
            yield start, min(start + HOUR, end)
            start += HOUR


def summary(reader: Reader, span: Span) -> Json:
    """Every metric of *span*, and of the time of the same length before."""
    return {"now": _overview(reader, span), "before": _overview(reader, span.before())}


def series(reader: Reader, span: Span, metrics: Sequence[str], cut: Cut) -> list[Json]:
    """The numbers of each piece, also of those in which nothing happened."""
    return [
        {"metric": metric, "unit": SOURCES[metric].unit, "points": _points(numbers, SOURCES[metric].unit, cut)}
        for metric, numbers in reader.pieces(metrics, span, cut).items()
    ]


def breakdown(reader: Reader, span: Span, metric: str) -> list[Json]:
    """The parts of a metric, the largest first."""
    unit = SOURCES[metric].unit
    parts = sorted(reader.parts((metric,), span)[metric].items(), key=lambda part: (-part[1].count, part[0]))
    return [{"name": name, "detail": detail, **number.shown(unit)} for (name, detail), number in parts[:MOST_PARTS]]


def usage(conn: Connection, span: Span) -> list[Json]:
    """Who asked for how many videos, by the audit log; the busiest first."""
    here = (audit.c.action == "video.create", audit.c.at >= span.start, audit.c.at < span.end)
    number = func.count().label("videos")
    query = select(audit.c.actor, number).where(*here).group_by(audit.c.actor).order_by(number.desc(), audit.c.actor)
    rows = conn.execute(query.limit(MOST_ACTORS)).fetchall()
    names = names_of(conn, [row.actor for row in rows])
    return [{"actor": row.actor, "name": names.get(row.actor), "videos": row.videos} for row in rows]


def live(conn: Connection, now: datetime) -> Json:
    """What waits at this moment, and what came since the full hour."""
    of_jobs = conn.execute(select(jobs.c.state, func.count()).where(NOT_DONE).group_by(jobs.c.state)).all()
    hour = hour_of(now)
    so_far = {metric: summed(counted(conn, SOURCES[metric], hour, hour + HOUR)) for metric in DELIVERIES}
    return {
        "jobs": dict(map(tuple, of_jobs)),
        "this_hour": {metric: number.count for metric, number in so_far.items()},
    }


DELIVERIES = ("accepted", "duplicates", "rejected", "recovered")


def _overview(reader: Reader, span: Span) -> Json:
    found = {metric: summed(parts) for metric, parts in reader.parts(tuple(SOURCES), span).items()}
    count = {metric: number.count for metric, number in found.items()}
    came = count["accepted"] + count["duplicates"]
    rates = {
        "taken": _rate(came, count["rejected"]),
        "missed": _rate(count["recovered"], count["accepted"]),
        "failed": _rate(count["failed"], count["archive_time"]),
    }
    return {"metrics": {name: number.shown(SOURCES[name].unit) for name, number in found.items()}, "rates": rates}


def _points(numbers: Sequence[Number], unit: str, cut: Cut) -> list[Json]:
    return [{"at": at, **number.shown(unit)} for at, number in zip(cut.starts, numbers, strict=True)]


def _rate(part: int, rest: int) -> float | None:
    """From 0 to 1; None of nothing."""
    return part / (part + rest) if part + rest else None


def _day_from(moment: datetime) -> datetime:
    """The first beginning of a day (UTC) that is not before *moment*."""
    return (moment + DAY - timedelta(microseconds=1)).replace(hour=0, minute=0, second=0, microsecond=0)
