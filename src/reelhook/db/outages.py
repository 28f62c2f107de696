"""When this process could not commit: kept in memory, because nobody can write it down meanwhile."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from reelhook.errors import DatabaseUnavailable
from reelhook.kit.clock import Clock

TOGETHER = timedelta(minutes=1)  # a database that comes and goes is away once


@dataclass(frozen=True, slots=True)
class Outage:
    """*until* None: it lasts. *failed*: how many commits were refused, or not answered."""

    since: datetime
    until: datetime | None
    failed: int
    reason: str

    @property
    def minutes(self) -> float:
        """How long it took; 0 while it lasts, for that is known to nobody else."""
        return 0.0 if self.until is None else (self.until - self.since).total_seconds() / 60


class Outages:
    """Hears what became of each write, and remembers the last outage."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.last: Outage | None = None

    def heard(self, error: DatabaseUnavailable | None) -> None:
        """One more write was committed, or failed with *error*."""
        if error is not None:
            self._failed(error)
        elif self.last is not None and self.last.until is None:
            self.last = replace(self.last, until=self._clock.now())

    def _failed(self, error: DatabaseUnavailable) -> None:
        now, last = self._clock.now(), self.last
        if last is None or (last.until is not None and now - last.until > TOGETHER):
            self.last = Outage(now, None, 1, error.message)
        else:
            self.last = replace(last, until=None, failed=last.failed + 1, reason=error.message)
