"""What is asked of the numbers: kept ones for hours that were counted, and the rows themselves for those just now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select, text

from reelhook.analytics.counts import Number, Numbers, counted, summed
from reelhook.analytics.rows import DAY, HOUR, counted_until, each, hour_of, read
from reelhook.analytics.sources import SOURCES
from reelhook.analytics.spans import Cut, Span
from reelhook.db.tables import audit, jobs, videos

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

    def hours(self, metric: str, span: Span) -> list[tuple[datetime, Number]]:
        """The number of each hour that has any, in order; an hour may come in several parts."""
        rows = [(at, number) for at, _, number in each(self.conn, metric, span.start, min(span.end, self.kept))]
        for hour in self._live(span):
            rows.append((hour, summed(counted(self.conn, SOURCES[metric], hour, hour + HOUR))))
        return rows

    def parts(self, metric: str, span: Span) -> Numbers:
        """What *span* adds up to, by name and detail: whole days by the rows of days, the rest by those of hours."""
        end = max(span.start, min(span.end, self.kept))
        first, last = _day_from(span.start), end.replace(hour=0)
        if first >= last:
            pieces: tuple[tuple[str, datetime, datetime], ...] = (("hour", span.start, end),)
        else:
            pieces = (("hour", span.start, first), ("day", first, last), ("hour", last, end))
        sums: Numbers = {}
        for piece in pieces:
            _add(sums, read(self.conn, *piece, metrics=(metric,)).get(metric, {}))
        for hour in self._live(span):
            _add(sums, counted(self.conn, SOURCES[metric], hour, hour + HOUR))
        return sums

    def _live(self, span: Span) -> Sequence[datetime]:
        first, end = max(span.start, self.kept), min(span.end, self.until)
        return [first + number * HOUR for number in range(max(0, (end - first) // HOUR))]


def summary(reader: Reader, span: Span) -> Json:
    """Every metric of *span*, and of the time of the same length before."""
    return {"now": _overview(reader, span), "before": _overview(reader, span.before())}


def series(reader: Reader, span: Span, metrics: Sequence[str], cut: Cut) -> list[Json]:
    """The numbers of each piece, also of those in which nothing happened."""
    return [
        {"metric": metric, "unit": SOURCES[metric].unit, "points": _points(reader, span, metric, cut)}
        for metric in metrics
    ]


def breakdown(reader: Reader, span: Span, metric: str) -> list[Json]:
    """The parts of a metric, the largest first."""
    unit = SOURCES[metric].unit
    parts = sorted(reader.parts(metric, span).items(), key=lambda part: (-part[1].count, part[0]))
    return [{"name": name, "detail": detail, **number.shown(unit)} for (name, detail), number in parts[:MOST_PARTS]]


def usage(conn: Connection, span: Span) -> list[Json]:
    """Who asked for how many videos, by the audit log; the busiest first."""
    here = (audit.c.action == "video.create", audit.c.at >= span.start, audit.c.at < span.end)
    number = func.count().label("videos")
    query = select(audit.c.actor, number).where(*here).group_by(audit.c.actor).order_by(number.desc(), audit.c.actor)
    return [{"actor": row.actor, "videos": row.videos} for row in conn.execute(query.limit(MOST_ACTORS))]


def live(conn: Connection, now: datetime) -> Json:
    """How things stand at this moment."""
    of_videos = conn.execute(select(videos.c.state, func.count()).group_by(videos.c.state)).all()
    of_jobs = conn.execute(select(jobs.c.state, func.count()).where(NOT_DONE).group_by(jobs.c.state)).all()
    hour = hour_of(now)
    so_far = {metric: summed(counted(conn, SOURCES[metric], hour, hour + HOUR)) for metric in DELIVERIES}
    return {
        "videos": dict(map(tuple, of_videos)),
        "jobs": dict(map(tuple, of_jobs)),
        "this_hour": {metric: number.count for metric, number in so_far.items()},
    }


DELIVERIES = ("accepted", "duplicates", "rejected", "recovered")


def _overview(reader: Reader, span: Span) -> Json:
    found = {metric: summed(reader.parts(metric, span)) for metric in SOURCES}
    count = {metric: number.count for metric, number in found.items()}
    came = count["accepted"] + count["duplicates"]
    rates = {
        "taken": _rate(came, count["rejected"]),
        "missed": _rate(count["recovered"], count["accepted"]),
        "failed": _rate(count["failed"], count["archive_time"]),
    }
    return {"metrics": {name: number.shown(SOURCES[name].unit) for name, number in found.items()}, "rates": rates}


def _points(reader: Reader, span: Span, metric: str, cut: Cut) -> list[Json]:
    sums = [Number() for _ in cut.starts]
    for hour, number in reader.hours(metric, span):
        sums[cut.index(hour)].add(number)
    unit = SOURCES[metric].unit
    return [{"at": at, **number.shown(unit)} for at, number in zip(cut.starts, sums, strict=True)]


def _rate(part: int, rest: int) -> float | None:
    """From 0 to 1; None of nothing."""
    return part / (part + rest) if part + rest else None


def _add(sums: Numbers, more: Numbers) -> None:
    for key, number in more.items():
        sums.setdefault(key, Number()).add(number)


def _day_from(moment: datetime) -> datetime:
    """The first beginning of a day (UTC) that is not before *moment*."""
    return (moment + DAY - timedelta(microseconds=1)).replace(hour=0, minute=0, second=0, microsecond=0)
