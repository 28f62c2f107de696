"""The outside services that work depends on. While one is down, work waits for it and no attempt is used up.

Each process finds out for itself, and tells the others with its heartbeat (monitoring/heartbeat.py).
"""

from collections import defaultdict
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from reelhook import logs, metrics
from reelhook.errors import Blame, ReelhookError
from reelhook.jobs.handler import Postpone
from reelhook.jobs.retry import LONGEST_RETRY_AFTER_S
from reelhook.kit.breaker import Breaker
from reelhook.kit.clock import Clock
from reelhook.kit.ids import Ids

SPREAD = 0.5  # those that wait come back over half as long again, lest they come all at once

log = logs.get("jobs")


@dataclass(frozen=True)
class Destination:
    """How one of them is, as this process sees it."""

    name: str
    state: Literal["closed", "open", "half_open"]
    since: datetime | None
    retry_at: datetime | None
    reason: str | None
    code: str | None = None  # of the error that shows that it is down
    heard_at: datetime | None = None  # when it answered, or failed to, last


class Destinations:
    """One circuit breaker for each name."""

    def __init__(self, clock: Clock, ids: Ids) -> None:
        self._clock, self._ids = clock, ids
        self._breakers: defaultdict[str, Breaker] = defaultdict(lambda: Breaker(clock))
        self._codes: dict[str, str] = {}
        self._heard: dict[str, datetime] = {}

    @asynccontextmanager
    async def reach(self, name: str, *answers: type[ReelhookError]) -> AsyncGenerator[None]:
        """Ask *name* for something inside the block.

        Raises *Postpone* while it is down, and when the block finds that it is, for reasons that have nothing to do
        with what was asked. Other errors pass through; those of a type in *answers* prove that it is there.
        """
        breaker = self._breakers[name]
        if not breaker.admit():
            raise self._postponed(name, breaker)
        try:
            yield
        except ReelhookError as error:
            self._judge(name, breaker, error, answers)
            raise
        self._back(name, breaker)

    def forget(self, name: str) -> None:
        """It is no destination any more."""
        self._codes.pop(name, None)
        self._heard.pop(name, None)
        if self._breakers.pop(name, None) is not None:
            metrics.forget(metrics.DESTINATION_DOWN, name)

    def all(self) -> list[Destination]:
        """Every destination that was reached for, by name."""
        return [self._shown(name, breaker) for name, breaker in sorted(self._breakers.items())]

    def _judge(
        self, name: str, breaker: Breaker, error: ReelhookError, answers: tuple[type[ReelhookError], ...]
    ) -> None:
        if error.blame is Blame.WORK:
            if isinstance(error, answers):
                self._back(name, breaker)
            return
        self._heard[name] = self._clock.now()
        surely = error.blame is Blame.DESTINATION
        wait_s = min(error.retry_after_s or 0.0, LONGEST_RETRY_AFTER_S)
        self._codes[name] = error.code
        if breaker.failed(error.message, surely=surely, wait_s=wait_s):
            log.error("destination.down", destination=name, code=error.code, error=error.message)
            metrics.DESTINATION_DOWN.labels(name).set(1)
        if surely:
            raise self._postponed(name, breaker) from error

    def _back(self, name: str, breaker: Breaker) -> None:
        self._heard[name] = self._clock.now()
        if breaker.succeeded():
            log.warning("destination.back", destination=name)
            metrics.DESTINATION_DOWN.labels(name).set(0)

    def _postponed(self, name: str, breaker: Breaker) -> Postpone:
        wait_s = max(1.0, breaker.wait_s) * (1 + SPREAD * self._ids.fraction())
        return Postpone(wait_s, f"waiting for {name}: {breaker.reason}")

    def _shown(self, name: str, breaker: Breaker) -> Destination:
        heard = self._heard.get(name)
        if breaker.since is None:
            return Destination(name, "closed", None, None, None, heard_at=heard)
        retry_at = self._clock.now() + timedelta(seconds=breaker.wait_s)
        state: Literal["open", "half_open"] = "open" if breaker.wait_s else "half_open"
        return Destination(name, state, breaker.since, retry_at, breaker.reason, self._codes[name], heard)
