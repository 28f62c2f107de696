"""A circuit breaker: after some failures in a row it lets one try through now and then, until one succeeds."""

from datetime import datetime

from reelhook.kit.clock import Clock

TRIPS_AFTER = 5
BASE_S = 5.0
CAP_S = 60.0


class Breaker:
    """Closed: everything may go. Open: nothing before the next try. Pauses double from 5 s to a minute.

    A try is whatever asks first when it is due; while it is under way the next one becomes due after the same pause, so
    that one that never ends holds up nobody.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._in_a_row = 0
        self._pauses = 0  # since it was closed
        self._pause_ends = self._next_try = 0.0
        self.since: datetime | None = None
        self.reason: str | None = None

    @property
    def wait_s(self) -> float:
        """How long until the next try; 0 when it is due, or while closed."""
        return max(0.0, self._next_try - self._clock.monotonic()) if self.since else 0.0

    def admit(self) -> bool:
        """Whether to go ahead now."""
        if self.wait_s > 0:
            return False
        self._next_try = self._clock.monotonic() + self._pause()
        return True

    def succeeded(self) -> bool:
        """Everything may go again. True when it was open."""
        was_open = self.since is not None
        self._in_a_row = self._pauses = 0
        self.since = self.reason = None
        return was_open

    def failed(self, reason: str, *, surely: bool = False, wait_s: float = 0.0) -> bool:
        """Count a failure; *surely*: one is enough. *wait_s*: the least pause asked for. True when it opens."""
        now, was_open = self._clock.monotonic(), self.since is not None
        self._in_a_row += 1
        if not (was_open or surely or self._in_a_row >= TRIPS_AFTER):
            return False
        if not was_open or now >= self._pause_ends:  # else it was under way when another one failed
            self._pauses += 1
            self._pause_ends = now + self._pause()
        self._next_try = max(self._pause_ends, now + wait_s)
        self.since, self.reason = self.since or self._clock.now(), reason
        return not was_open

    def _pause(self) -> float:
        return min(CAP_S, BASE_S * 2.0 ** min(max(0, self._pauses - 1), 16))
