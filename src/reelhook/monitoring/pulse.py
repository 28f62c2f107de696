"""Whether this process is worth keeping: its event loop turns, and none of its parts has died."""

from collections import deque

from reelhook import metrics
from reelhook.kit.clock import Clock

EVERY_S = 1.0
KEPT = 15  # beats: as many as lie between two heartbeats
TOO_LATE_S = 5.0  # nobody waits for an answer that long
FOR_S = 60.0  # a restart costs more than a blip, and a storm of them more than most troubles


class Pulse:
    """Measures how late the event loop wakes, and remembers which part died."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lags: deque[float] = deque(maxlen=KEPT)
        self._late_since: float | None = None
        self._died: tuple[float, str] | None = None

    @property
    def lag_s(self) -> float:
        """The worst of the last beats."""
        return max(self._lags, default=0.0)

    async def run(self) -> None:
        """Beat each second, for ever."""
        while True:
            began = self._clock.monotonic()
            await self._clock.sleep(EVERY_S)
            self.beat(max(0.0, self._clock.monotonic() - began - EVERY_S))

    def beat(self, lag_s: float) -> None:
        """It woke *lag_s* late."""
        metrics.LOOP_LAG_SECONDS.set(lag_s)
        self._lags.append(lag_s)
        if lag_s < TOO_LATE_S:
            self._late_since = None
        elif self._late_since is None:
            self._late_since = self._clock.monotonic() - lag_s

    def died(self, reason: str) -> None:
        """A part without which nothing works has ended; the process is about to end too."""
        self._died = self._died or (self._clock.monotonic(), reason)

    def trouble(self) -> str | None:
        """Why this process should be ended from outside; None while there is hope, or nothing wrong."""
        now = self._clock.monotonic()
        if self._died is not None and now - self._died[0] >= FOR_S:
            return f"it should have ended {now - self._died[0]:.0f} s ago: {self._died[1]}"
        if self._late_since is not None and now - self._late_since >= FOR_S:
            return f"for {now - self._late_since:.0f} s its event loop has been more than {TOO_LATE_S:g} s late"
        return None
