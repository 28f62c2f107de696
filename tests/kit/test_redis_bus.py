"""The bus over a real Redis server."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import pytest

from reelhook.kit.clock import SystemClock
from reelhook.kit.ids import Ids
from reelhook.kit.redis import RedisBus, RedisClients
from tests.conftest import eventually
from tests.redis_server import RedisServer, redis_server

__all__ = ["redis_server"]


class Heard:
    """A process's side of the bus, and what it heard."""

    def __init__(self, bus: RedisBus) -> None:
        self.bus, self.messages, self.gaps = bus, [], 0
        bus.listen("news", self.messages.append)
        bus.after_gap(self._gap)

    messages: list[str]

    def _gap(self) -> None:
        self.gaps += 1


@asynccontextmanager
async def processes(server: RedisServer) -> AsyncIterator[Callable[[], Heard]]:
    clients: list[RedisClients] = []
    tasks: list[asyncio.Task[None]] = []

    def process() -> Heard:
        clients.append(RedisClients(server.url))
        heard = Heard(RedisBus(clients[-1], SystemClock(), Ids()))
        tasks.append(asyncio.create_task(heard.bus.run()))
        return heard

    try:
        yield process
    finally:
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        for client in clients:
            await client.close()


@pytest.fixture
async def process(redis_server: RedisServer) -> AsyncIterator[Callable[[], Heard]]:
    async with processes(redis_server) as make:
        yield make


async def test_a_message_reaches_every_process_once(process: Callable[[], Heard]) -> None:
    one, two = process(), process()
    await eventually(lambda: one.gaps == two.gaps == 1, what="both are subscribed")
    one.bus.publish("news", "a\nb")
    assert one.messages == ["a\nb"]
    await eventually(lambda: two.messages == ["a\nb"])
    two.bus.publish("news", "c")
    await eventually(lambda: one.messages == ["a\nb", "c"])
    assert two.messages == ["a\nb", "c"]


async def test_after_a_restart_everybody_is_told_of_a_gap(
    process: Callable[[], Heard], redis_server: RedisServer
) -> None:
    one, two = process(), process()
    await eventually(lambda: one.gaps == two.gaps == 1)
    redis_server.stop()
    one.bus.publish("news", "lost")
    redis_server.start()
    await eventually(lambda: one.gaps >= 2 and two.gaps >= 2)
    one.bus.publish("news", "heard")
    await eventually(lambda: "heard" in two.messages)


async def test_a_server_that_answers_no_more_is_noticed(
    process: Callable[[], Heard], redis_server: RedisServer
) -> None:
    one = process()
    await eventually(lambda: one.gaps == 1)
    redis_server.freeze()
    await asyncio.sleep(2.5)  # longer than two looks of a subscriber
    redis_server.thaw()
    await eventually(lambda: one.gaps >= 2)
