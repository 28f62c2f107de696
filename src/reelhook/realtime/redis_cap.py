"""The cap on streams in the whole installation, counted in Redis.

Each owner has a sorted set there: its streams on every server, by the time at which they were opened.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import islice

from redis.asyncio.client import Pipeline

from reelhook import logs
from reelhook.kit.clock import Clock
from reelhook.kit.redis import AWAY, RedisBus, RedisClients
from reelhook.realtime.cap import SUPERSEDED, MemoryCap, stream_name

LOOK_S = 2.0  # how often we look whether Redis still knows of us
KNOWN_S = 60
KEPT_S = 2 * 3600  # longer than a stream lives: what a dead process left behind goes at last
AT_ONCE = 100
AGAIN_S = 1.0

log = logs.get("realtime")


class RedisCap:
    """Counts in this process too, so that without Redis the cap holds for each process.

    Redis may forget: this process then tells it again what is open here. It may keep what is gone: streams of a process
    that is not connected do not count, so that whoever comes back from a killed one is not thrown out for its ghosts.
    """

    def __init__(self, clients: RedisClients, bus: RedisBus, clock: Clock, most: int) -> None:
        self._clients, self._bus, self._clock, self._most = clients, bus, clock, most
        self._here = MemoryCap(bus, clock, most)
        # Whose set in Redis is to be brought level, and the names that must leave it.
        self._stale: dict[str, set[str]] = defaultdict(set)
        self._woken = asyncio.Event()
        bus.after_gap(self._tell_all)

    def opened(self, owner: str, number: int) -> None:
        self._here.opened(owner, number)
        self._stale[owner]
        self._woken.set()

    def closed(self, owner: str, number: int) -> None:
        self._here.closed(owner, number)
        self._stale[owner].add(stream_name(self._bus.me, number))
        self._woken.set()

    async def run(self) -> None:
        away = False
        while True:
            await self._wait()
            try:
                await self._remind()
                await self._level_all()
                away = False
            except AWAY as error:
                if not away:
                    log.warning("stream_cap.alone", error=str(error) or type(error).__name__)
                away = True
                await self._clock.sleep(AGAIN_S)

    def _tell_all(self) -> None:
        for owner in self._here.owners():
            self._stale[owner]
        self._woken.set()

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(LOOK_S):
                await self._woken.wait()
        except TimeoutError:
            return
        self._woken.clear()

    async def _remind(self) -> None:
        """Tell it all again when our mark is gone: then the rest is gone too."""
        if not await self._clients.quick.set(self._key("known", self._bus.me), 1, ex=KNOWN_S, get=True):
            self._tell_all()

    async def _level_all(self) -> None:
        while self._stale:
            owners = list(islice(self._stale, AT_ONCE))
            stale = {owner: self._stale.pop(owner) for owner in owners}
            try:
                await self._level(stale)
            except BaseException:
                for owner, gone in stale.items():
                    self._stale[owner] |= gone
                raise

    async def _level(self, stale: dict[str, set[str]]) -> None:
        async with self._clients.quick.pipeline(transaction=False) as pipe:
            for owner, gone in stale.items():
                self._write(pipe, owner, gone)
            answers = await pipe.execute()
        sets = [answer for answer in answers if isinstance(answer, list)]
        for owner, names in zip(stale, sets, strict=True):
            if len(names) > self._most:
                await self._thin_out(owner, [name.decode() for name in names])

    def _write(self, pipe: Pipeline, owner: str, gone: Iterable[str]) -> None:
        """What is open and closed here; the set as it is then comes back as a list."""
        key, here = self._key(owner), self._here.streams(owner)
        if names := list(gone):
            pipe.zrem(key, *names)
        if here:
            pipe.zadd(key, {stream_name(self._bus.me, number): at for number, at in here.items()})
            pipe.expire(key, KEPT_S)
        pipe.zrange(key, 0, -1)

    async def _thin_out(self, owner: str, names: Sequence[str]) -> None:
        """Of *names*, oldest first, forget those of dead processes; the oldest of the rest give way."""
        processes = {name.rpartition("/")[0] for name in names}
        present = await self._bus.present(processes) | {self._bus.me}
        living = [name for name in names if name.rpartition("/")[0] in present]
        stay = set(living[-self._most :])
        await self._clients.quick.zrem(self._key(owner), *(name for name in names if name not in stay))
        for name in living[: -self._most]:
            self._bus.publish(SUPERSEDED, name)

    def _key(self, *parts: str) -> str:
        return self._clients.name("streams", *parts)
