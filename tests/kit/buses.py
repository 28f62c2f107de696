"""Several processes of one installation, as far as their bus goes."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from reelhook.kit.clock import SystemClock
from reelhook.kit.ids import Ids
from reelhook.kit.redis import RedisBus, RedisClients
from tests.conftest import eventually
from tests.redis_server import RedisServer


class Heard:
    """A process's side of the bus, and what it heard."""

    def __init__(self, url: str) -> None:
        self.clients = RedisClients(url)
        self.bus = RedisBus(self.clients, SystemClock(), Ids())
        self.messages: list[str] = []
        self.gaps = 0
        self.bus.listen("news", self.messages.append)
        self.bus.after_gap(self._gap)
        self.task = asyncio.create_task(self.bus.run())

    async def end(self) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)
        await self.clients.close()

    def _gap(self) -> None:
        self.gaps += 1


class Processes:
    def __init__(self, url: str) -> None:
        self._url = url
        self.all: list[Heard] = []

    def add(self) -> Heard:
        self.all.append(Heard(self._url))
        return self.all[-1]

    async def ready(self, many: int) -> list[Heard]:
        """So many processes, each of which is subscribed."""
        made = [self.add() for _ in range(many)]
        await eventually(lambda: all(each.gaps for each in made), what="they are subscribed")
        return made


@pytest.fixture
async def processes(redis_server: RedisServer) -> AsyncIterator[Processes]:
    made = Processes(redis_server.url)
    yield made
    await asyncio.gather(*(each.end() for each in made.all))
