"""No stream outlives the access by which it was opened."""

import asyncio
from collections.abc import Callable, Iterable

from reelhook import logs
from reelhook.auth import changes
from reelhook.auth.standing import Standing
from reelhook.errors import DatabaseUnavailable
from reelhook.kit.bus import Bus
from reelhook.kit.clock import Clock
from reelhook.realtime.subscriber import Subscriber

EVERY_S = 60.0  # the floor, for what nobody was told of
SECOND_LOOK_S = 2.0

log = logs.get("realtime")


class Revoked:
    """Ends streams as soon as it is told on the bus. After a gap, and now and then, it asks the database about all.

    A request that is just being let in while its access ends is not a stream yet when that is told. So each time there
    is a second look, a moment later.
    """

    def __init__(
        self,
        standing: Standing,
        bus: Bus,
        clock: Clock,
        streams: Callable[[], Iterable[Subscriber]],
        end: Callable[[Subscriber], None],
    ) -> None:
        self._standing, self._clock, self._streams, self._end = standing, clock, streams, end
        self._told: set[str] = set()
        self._all = False
        self._woken = asyncio.Event()
        bus.listen(changes.TOPIC, self._changed)
        bus.after_gap(self._missed)

    async def run(self) -> None:
        while True:
            await self._wait()
            if not self._all:
                await self._clock.sleep(SECOND_LOOK_S)
            try:
                await self._look()
            except DatabaseUnavailable as error:
                log.warning("streams.not_checked", error=error.message)
                self._missed()
                await self._clock.sleep(SECOND_LOOK_S)

    def _changed(self, whose: str) -> None:
        for subscriber in self._streams():
            if whose in subscriber.principal.rests_on:
                self._end(subscriber)
        self._told.add(whose)
        self._woken.set()

    def _missed(self) -> None:
        self._all = True
        self._woken.set()

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(EVERY_S):
                await self._woken.wait()
        except TimeoutError:
            self._all = True
        self._woken.clear()

    async def _look(self) -> None:
        everybody, told = self._all, self._told
        self._all, self._told = False, set()
        principals = {subscriber.principal for subscriber in self._streams()}
        if not everybody:
            principals = {one for one in principals if not told.isdisjoint(one.rests_on)}
        lost = await self._standing.lost(principals)
        for subscriber in self._streams() if lost else ():
            if subscriber.principal in lost:
                self._end(subscriber)
