"""Ends waits that take too long, without a timer for each."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any


class Patience:
    """One timer for many futures that are waited for equally long. What is not done by then gets an *error* of its own.

    They end in about the order in which they began, so what is done is forgotten with the next that begins.
    """

    def __init__(self, error: Callable[[], Exception]) -> None:
        self._error = error
        self._waiting: deque[tuple[float, asyncio.Future[Any]]] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def watch(self, future: asyncio.Future[Any], seconds: float) -> None:
        """Give *future* so many seconds."""
        while self._waiting and self._waiting[0][1].done():
            self._waiting.popleft()
        loop = future.get_loop()
        until = loop.time() + seconds
        self._waiting.append((until, future))
        if self._timer is None:
            self._timer = loop.call_at(until, self._ring, loop)

    def _ring(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        while self._waiting and (self._waiting[0][1].done() or self._waiting[0][0] <= now):
            _, future = self._waiting.popleft()
            if not future.done():
                future.set_exception(self._error())
        self._timer = loop.call_at(self._waiting[0][0], self._ring, loop) if self._waiting else None
