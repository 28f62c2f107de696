"""What the service promises, and how far it kept it: computed from the hours that are counted, and those just now.

Each objective divides what happened into what was as it should be and what was not. docs/objectives.md says in words
what is in each.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from reelhook.analytics import spread
from reelhook.analytics.answers import Json, Reader
from reelhook.analytics.counts import Number, Numbers, add, summed
from reelhook.analytics.spans import DAY, HOUR, Span, hour_of

WINDOWS = (30, 7, 1)  # days; each is a part of the one before
SETTLES = timedelta(seconds=5)  # what is younger may be on its way, and is as it should be
MOST_REASONS = 5
# A delivery that was refused for one of these was answered 503. What gets a 4xx was refused for what it is.
UNACKNOWLEDGED = ("database_unavailable", "service_limit", "no_secret", "secret_changing")
GAVE_UP = ("reelhook", "gave_up_waiting")
APPLIED_MS = 5_000
SHOWN_MS = 1_000
# Unsigned, and so only hints: without an API key nobody can confirm them, and they wait for good reason.
HINTS = "callback"
METRICS = ("accepted", "duplicates", "rejected", "recovered", "apply_time", "stored", "expired", "failed")

Found = Mapping[str, Numbers]


@dataclass(frozen=True, slots=True)
class Tally:
    """Of how many, how many were not as they should be, and for which reasons; of times, how long they were."""

    total: int
    bad: int
    against: Counter[str] = field(default_factory=Counter)
    times: Number | None = None


@dataclass(frozen=True, slots=True)
class Objective:
    """*target* is a share from 0 to 1; *within_ms* is what one of them may take."""

    name: str
    target: float
    tally: Callable[[Found], Tally]
    within_ms: int | None = None

    def shown(self, windows: Mapping[int, Found]) -> Json:
        tallies = {days: self.tally(found) for days, found in windows.items()}
        reasons = tallies[WINDOWS[0]].against.most_common(MOST_REASONS)
        return {
            "name": self.name,
            "target": self.target,
            "within_ms": self.within_ms,
            "windows": [{"days": days, **self._window(tally)} for days, tally in tallies.items()],
            "against": [{"reason": reason, "count": count} for reason, count in reasons],
        }

    def _window(self, tally: Tally) -> Json:
        percentile = None if tally.times is None else spread.percentile(tally.times.spread, 99)
        return {
            "total": tally.total,
            "bad": tally.bad,
            "share": 1 - tally.bad / tally.total if tally.total else None,
            "budget_left": self._budget_left(tally),
            "p99_ms": None if percentile is None else round(percentile),
        }

    def _budget_left(self, tally: Tally) -> float | None:
        """1: untouched, 0: used up, below: overspent. None where nothing happened, or nothing at all may go wrong."""
        allowed = (1 - self.target) * tally.total
        return 1 - tally.bad / allowed if allowed > 0 else None


def objectives(conn: Connection, now: datetime) -> Json:
    """Every objective over each window of *WINDOWS*; as many queries whatever happened in them."""
    reader = Reader.at(conn, now)
    reader = replace(reader, until=min(reader.until, now - SETTLES))
    windows = _windows(reader, hour_of(now) + HOUR)
    return {"until": reader.until, "data": [one.shown(windows) for one in OBJECTIVES]}


def _windows(reader: Reader, end: datetime) -> dict[int, Found]:
    """What each window adds up to: the shortest is read first, and each longer one adds what lies before."""
    found: dict[int, Found] = {}
    shorter: Found = {}
    last = end
    for days in reversed(WINDOWS):
        start = end - days * DAY
        sums = reader.parts(METRICS, Span(start, last))
        for metric, numbers in shorter.items():
            add(sums[metric], numbers)
        found[days] = shorter = sums
        last = start
    return {days: found[days] for days in WINDOWS}


def _acknowledged(found: Found) -> Tally:
    refused = Counter({name: number.count for (name, _), number in found["rejected"].items() if name in UNACKNOWLEDGED})
    bad = refused.total()
    return Tally(_count(found["accepted"]) + _count(found["duplicates"]) + bad, bad, refused)


def _applied(found: Found) -> Tally:
    """Events that were not applied yet have no time: they count as late."""
    told = _without_hints(found["accepted"], detail=True)
    total, times = _count(told) + _count(found["recovered"]), summed(_without_hints(found["apply_time"]))
    slow, waiting = times.count - spread.within(times.spread, APPLIED_MS), max(0, total - times.count)
    return Tally(total, min(total, slow + waiting), +Counter({"slow": slow, "not_applied": waiting}), times)


def _archived(found: Found) -> Tally:
    """The videos themselves: what HeyGen did not serve could be stored by nobody, and counts neither way."""
    stored = sum(number.count for (_, role), number in found["stored"].items() if role == "video")
    late = found["expired"].get(("reelhook", "video"), Number()).count
    return Tally(stored + late, late, +Counter({"link_ended": late}))


def _shown(found: Found) -> Tally:
    times = summed(_without_hints(found["apply_time"]))
    slow = times.count - spread.within(times.spread, SHOWN_MS)
    return Tally(times.count, slow, +Counter({"slow": slow}), times)


def _recovered(found: Found) -> Tally:
    lost = found["failed"].get(GAVE_UP, Number()).count
    return Tally(_count(found["recovered"]) + lost, lost, +Counter({GAVE_UP[1]: lost}))


def _without_hints(numbers: Numbers, *, detail: bool = False) -> Numbers:
    return {key: number for key, number in numbers.items() if key[detail] != HINTS}


def _count(numbers: Numbers) -> int:
    return sum(number.count for number in numbers.values())


OBJECTIVES = (
    Objective("acknowledged", 0.9999, _acknowledged),
    Objective("applied", 0.999, _applied, APPLIED_MS),
    Objective("archived", 1, _archived),
    Objective("shown", 0.99, _shown, SHOWN_MS),
    Objective("recovered", 1, _recovered),
)
