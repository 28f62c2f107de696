"""An endpoint that answers slowly takes a few of a worker's slots, never all of them."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from reelhook.jobs import Postpone
from reelhook.kit.clock import Clock

MOST = 4  # under way at the same time, to one endpoint, from one process
SHORTEST_S = 1.0
USUAL_S = 0.2  # for one answer, as long as there was none


class _Turn:
    """How one endpoint is doing: how many are under way, how long the last answer took, and when the queue ends."""

    def __init__(self) -> None:
        self.under_way = 0
        self.took_s = USUAL_S
        self.queue_ends = 0.0


class Turns:
    """Who may send to an endpoint now; the others get a time to come back, one after the other."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._turns: defaultdict[str, _Turn] = defaultdict(_Turn)

    @contextmanager
    def take(self, endpoint_id: str) -> Iterator[None]:
        """Send inside the block. Raises *Postpone* while enough others do."""
        turn = self._turns[endpoint_id]
        if turn.under_way >= MOST:
            raise Postpone(self._wait_s(turn), f"waiting for {MOST} earlier messages to the same endpoint")
        turn.under_way += 1
        started = self._clock.monotonic()
        try:
            yield
            turn.took_s = self._clock.monotonic() - started
        finally:
            turn.under_way -= 1

    def forget(self, endpoint_id: str) -> None:
        """It was deleted."""
        self._turns.pop(endpoint_id, None)

    def _wait_s(self, turn: _Turn) -> float:
        """Those that wait come back as fast as they can be sent: all at once they would only be sent away again."""
        now = self._clock.monotonic()
        turn.queue_ends = max(now + SHORTEST_S, turn.queue_ends + turn.took_s / MOST)
        return turn.queue_ends - now
