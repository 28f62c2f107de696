"""How a worker learns that there may be work. A lane may lose or double a wake-up: the table decides."""

import asyncio
from typing import Protocol


class Lane(Protocol):
    def wake(self) -> None:
        """Say that there may be work. Called on the event loop."""
        ...

    async def wait(self, limit_s: float) -> bool:
        """Return True when woken, False after *limit_s* seconds."""
        ...


class MemoryLane:
    """Wakes the worker of this process."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def wake(self) -> None:
        self._event.set()

    async def wait(self, limit_s: float) -> bool:
        try:
            await asyncio.wait_for(self._event.wait(), limit_s)
        except TimeoutError:
            return False
        self._event.clear()
        return True
