"""Rate limits by the generic cell rate algorithm: of each key one number is kept, the moment when all is free again.

Everything is in whole microseconds, so that Redis (`kit/redis/limiter.py`) computes exactly the same.
"""

from collections import OrderedDict, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, Self

from reelhook.kit.clock import Clock

SECOND_US = 1_000_000
LONGEST_US = 10**12  # eleven days; numbers in Lua are exact up to 2**53, and all of ours stay below


@dataclass(frozen=True, slots=True)
class Limit:
    """At most *rate* per second on average, which is more than 0, and *burst* at once."""

    name: str
    rate: float
    burst: int

    @property
    def interval_us(self) -> int:
        """How long one stays busy."""
        return max(1, round(min(LONGEST_US, SECOND_US / self.rate)))

    @property
    def room_us(self) -> int:
        """How long it is busy when nothing is left."""
        return self.interval_us * self.burst


@dataclass(frozen=True, slots=True)
class Wanted:
    """*cost* (at most the burst) of the limit, for one *key*: a person, an address, …"""

    limit: Limit
    key: str = ""
    cost: int = 1


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a limit says. *reset_after_s*: until all of the burst is free. *retry_after_s*: 0 when it is allowed."""

    limit: Limit
    allowed: bool
    remaining: int
    retry_after_s: float
    reset_after_s: float

    @classmethod
    def of(cls, limit: Limit, wait_us: int, busy_us: int) -> Self:
        remaining = (limit.room_us - busy_us) // limit.interval_us
        return cls(limit, wait_us == 0, remaining, wait_us / SECOND_US, busy_us / SECOND_US)


class LimiterAway(Exception):
    """What many processes count together cannot be asked now."""


class Limiter(Protocol):
    """Counts together with other processes."""

    async def take(self, *wanted: Wanted) -> Sequence[Verdict]:
        """A verdict for each, in this order, up to the first that refuses. Raises *LimiterAway*."""
        ...


def gcra(limit: Limit, free_at: int, now: int, cost: int) -> tuple[int, int]:
    """How long to wait for *cost*, 0 when it is allowed, and when all is free again. All in microseconds."""
    # A clock may have been put back, or the limit was longer: never wait for more than there is room for.
    free_at = min(max(free_at, now), now + limit.room_us)
    after = free_at + limit.interval_us * cost
    wait = max(0, after - limit.room_us - now)
    return wait, free_at if wait else after


class LocalLimiter:
    """Counts in the memory of this process. Beyond *most* keys of a limit those used least recently are forgotten."""

    def __init__(self, clock: Clock, most: int = 10_000) -> None:
        self._clock, self._most = clock, most
        self._free_at: dict[str, OrderedDict[str, int]] = defaultdict(OrderedDict)

    def take(self, *wanted: Wanted) -> list[Verdict]:
        """A verdict for each, in this order, up to the first that refuses."""
        now = round(self._clock.monotonic() * SECOND_US)
        verdicts: list[Verdict] = []
        for one in wanted:
            verdicts.append(self._take(one, now))
            if not verdicts[-1].allowed:
                break
        return verdicts

    def _take(self, wanted: Wanted, now: int) -> Verdict:
        keys = self._free_at[wanted.limit.name]
        before = keys.pop(wanted.key, now)
        wait, free_at = gcra(wanted.limit, before, now, wanted.cost)
        keys[wanted.key] = before if wait else free_at  # at the end of the order
        if len(keys) > self._most:
            keys.popitem(last=False)
        return Verdict.of(wanted.limit, wait, free_at - now)


class Pace:
    """One limit for one thing that this process does."""

    def __init__(self, clock: Clock, limit: Limit) -> None:
        self._limiter, self._wanted = LocalLimiter(clock), Wanted(limit)

    def take(self) -> bool:
        """Whether one more is allowed now; if so, it is counted."""
        return self._limiter.take(self._wanted)[0].allowed
