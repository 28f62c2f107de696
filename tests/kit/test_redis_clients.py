"""The two clients, on a real server."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from reelhook.kit.redis import AWAY, RedisClients
from tests.redis_server import RedisServer, redis_server

__all__ = ["redis_server"]


@pytest.fixture
async def clients(redis_server: RedisServer) -> AsyncIterator[RedisClients]:
    made = RedisClients(redis_server.url)
    yield made
    await made.close()


@pytest.mark.parametrize("connected", [False, True])
async def test_whoever_is_cancelled_ends_wherever_it_is(clients: RedisClients, connected: bool) -> None:
    async def work() -> None:
        while True:
            await clients.quick.set("key", 1)
            await asyncio.sleep(0)

    if connected:
        await clients.quick.ping()
    for steps in range(60):
        working = asyncio.create_task(work())
        for _ in range(steps):
            await asyncio.sleep(0)
        working.cancel()
        await asyncio.wait({working}, timeout=20)
        assert working.cancelled(), f"cancelled after {steps} steps of the loop"
        if not connected:
            await clients.quick.connection_pool.disconnect()
    assert await clients.quick.get("key") == b"1"


async def test_the_quick_one_waits_for_nobody(clients: RedisClients, redis_server: RedisServer) -> None:
    await clients.quick.ping()
    redis_server.freeze()
    for _ in range(2):  # on the connection it has, and on a new one
        with pytest.raises(AWAY):
            async with asyncio.timeout(20):
                await clients.quick.ping()
    redis_server.thaw()
    assert await clients.quick.ping()
