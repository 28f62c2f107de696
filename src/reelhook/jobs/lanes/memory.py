"""The lane of a process that is alone: "look at the table" is all that needs to be said."""

import asyncio
from collections.abc import Sequence

from reelhook.jobs.lanes import Due, Room


class MemoryLane:
    """Wakes the worker of this process, which finds the earliest deadline in the table by itself."""

    forgetful = False

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def send(self, due: Sequence[Due]) -> None:
        self._event.set()

    def wake(self) -> None:
        self._event.set()

    async def wait(self, room: Room, limit_s: float) -> Sequence[str] | None:
        try:
            await asyncio.wait_for(self._event.wait(), limit_s)
        except TimeoutError:
            return ()
        self._event.clear()
        return None

    async def run(self) -> None:
        """There is nothing to carry."""
