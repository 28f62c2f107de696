"""A time that is asked about: whole hours, cut into hours, days or weeks of somebody's time zone."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from typing import Literal
from zoneinfo import ZoneInfo

from reelhook.errors import WrongInput

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
Step = Literal["hour", "day", "week"]
USUAL = timedelta(days=7)
LONGEST = timedelta(days=2 * 366)
MOST_POINTS = 1_000
STEPS: dict[Step, timedelta] = {"hour": HOUR, "day": DAY, "week": 7 * DAY}


def hour_of(moment: datetime) -> datetime:
    """The beginning of the hour that holds *moment*."""
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


@dataclass(frozen=True, slots=True)
class Span:
    """From *start* until before *end*, both at the full hour (UTC)."""

    start: datetime
    end: datetime

    @classmethod
    def parse(cls, start: datetime | None, end: datetime | None, now: datetime) -> "Span":
        """The hours that hold *start* and what comes before *end*. Raises *WrongInput*."""
        last = end or now
        try:
            first = start or last - USUAL
            span = cls(hour_of(first), hour_of(last - timedelta(microseconds=1)) + HOUR)
            span.before()
        except OverflowError:
            raise WrongInput("from and to must be moments of our time") from None
        if first >= last:
            raise WrongInput("from must be earlier than to")
        if span.end - span.start > LONGEST:
            raise WrongInput(f"from and to may be {LONGEST.days} days apart at most; ask for less at once")
        return span

    def before(self) -> "Span":
        """The time of the same length just before."""
        return Span(self.start - (self.end - self.start), self.start)


def zone(name: str) -> ZoneInfo:
    """A time zone by its IANA name. Raises *WrongInput*."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise WrongInput(f"time_zone must be a name like Europe/Berlin or UTC, not {name[:60]!r}") from None


@dataclass(frozen=True, slots=True)
class Run:
    """Pieces of one *length* in a row; *first* is the number of the first of them."""

    first: int
    start: datetime
    end: datetime
    length: timedelta


class Cut:
    """*span* in pieces. An hour belongs to the day in which it begins: numbers are kept by hours of UTC."""

    def __init__(self, span: Span, step: Step, where: ZoneInfo) -> None:
        if (span.end - span.start) / STEPS[step] > MOST_POINTS:
            raise WrongInput(f"these are more than {MOST_POINTS} points; ask for a longer step, or for less at once")
        pieces = _hours(span) if step == "hour" else _days(span, 7 if step == "week" else 1, where)
        self.starts: Sequence[datetime] = tuple(pieces)
        self._end = span.end

    def index(self, hour: datetime) -> int:
        """The piece that *hour* belongs to."""
        return bisect_right(self.starts, hour) - 1

    def runs(self) -> Iterator[Run]:
        """All pieces: a few runs, for where clocks change only two days of a year are of another length."""
        ends = (*self.starts[1:], self._end)
        pieces = zip(self.starts, ends, strict=True)
        for length, run in groupby(enumerate(pieces), key=lambda piece: piece[1][1] - piece[1][0]):
            (first, (start, end)), *more = run
            yield Run(first, start, more[-1][1][1] if more else end, length)


def _hours(span: Span) -> Iterator[datetime]:
    hour = span.start
    while hour < span.end:
        yield hour
        hour += HOUR


def _days(span: Span, days: int, where: ZoneInfo) -> Iterator[datetime]:
    """Midnights there, the first at or before the span; weeks begin on Monday. A day may have 23 or 25 hours."""
    day = span.start.astimezone(where).date()
    if days > 1:
        day -= timedelta(days=day.weekday())
    while (begins := _midnight(day, where)) < span.end:
        yield begins
        day += timedelta(days=days)


def _midnight(day: date, where: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), where).astimezone(UTC)
