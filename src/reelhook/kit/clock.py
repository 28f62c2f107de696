"""Time as a dependency, so that a test can stop it."""

import asyncio
import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """What the product may know of time."""

    def now(self) -> datetime:
        """The wall clock, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that never run backwards, for durations and limits."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait that long without blocking the loop."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def seconds_since(clock: Clock, moment: datetime) -> float:
    """Never less than nothing: the moment may be from another machine's clock."""
    return max(0.0, (clock.now() - moment).total_seconds())
