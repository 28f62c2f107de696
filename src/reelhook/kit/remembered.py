"""An answer that many ask for, looked up by one."""

import asyncio
import math
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

from reelhook.kit.clock import Clock

T = TypeVar("T")


class Remembered(Generic[T]):
    """Looks when asked, one look at a time, and gives the same answer to all who ask within *good_for_s* of its begin.

    A look that never ends is never followed by another, so whoever asks limits the wait. *look* should not raise.
    """

    def __init__(self, clock: Clock, look: Callable[[], Coroutine[Any, Any, T]], good_for_s: float) -> None:
        self._clock, self._look, self._good_for_s = clock, look, good_for_s
        self._looking: asyncio.Task[T] | None = None
        self._began = 0.0

    async def __call__(self) -> T:
        now = self._clock.monotonic()
        if self._looking is None or (self._looking.done() and now - self._began >= self._good_for_s):
            self._began = now
            self._looking = asyncio.create_task(self._look(), name="look")
        # Shielded: one who stops waiting does not spoil it for the others.
        return await asyncio.shield(self._looking)

    def forget(self) -> None:
        """What was seen until now, or is being seen, counts for nobody who asks after its end."""
        self._began = -math.inf
