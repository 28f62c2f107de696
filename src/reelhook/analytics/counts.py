"""One number with its parts, and how such numbers are added and counted."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from reelhook.analytics import spread
from reelhook.analytics.sources import SOURCES, Source

Key = tuple[str, str]  # name and detail


@dataclass(slots=True)
class Number:
    """How many there were, what they add up to, and of durations how they are spread."""

    count: int = 0
    total: int = 0
    spread: Counter[int] = field(default_factory=Counter)

    def add(self, other: "Number") -> None:
        self.count += other.count
        self.total += other.total
        self.spread.update(other.spread)

    def shown(self, unit: str) -> dict[str, Any]:
        """As the API shows it; durations in milliseconds."""
        if unit == "duration":
            return {
                "count": self.count,
                "p50_ms": _rounded(spread.percentile(self.spread, 50)),
                "p95_ms": _rounded(spread.percentile(self.spread, 95)),
            }
        if unit == "bytes":
            return {"count": self.count, "bytes": self.total}
        return {"count": self.count, "seconds": round(self.total / 1000)} if unit == "length" else {"count": self.count}


Numbers = dict[Key, Number]


def counted(conn: Connection, source: Source, start: datetime, end: datetime) -> Numbers:
    """What *source* says of this time, from the rows themselves."""
    found: Numbers = {}
    for row in conn.execute(source.query(start, end)):
        number, times = found.setdefault((row.name, row.detail), Number()), int(row.times)
        number.count += times
        number.total += row.value * times
        if source.unit == "duration":
            number.spread[spread.bucket(row.value)] += times
    return found


def all_counted(conn: Connection, start: datetime, end: datetime) -> dict[str, Numbers]:
    """What all sources say of this time, by metric."""
    return {metric: counted(conn, source, start, end) for metric, source in SOURCES.items()}


def add(sums: Numbers, more: Numbers) -> None:
    """Add *more* to *sums*, part by part."""
    for key, number in more.items():
        sums.setdefault(key, Number()).add(number)


def summed(numbers: Numbers) -> Number:
    """All parts together."""
    whole = Number()
    for number in numbers.values():
        whole.add(number)
    return whole


def _rounded(ms: float | None) -> int | None:
    return None if ms is None else round(ms)
