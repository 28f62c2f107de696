"""Redis as the probes see it."""

import asyncio

import httpx2 as httpx
from fastapi import FastAPI

from reelhook.cluster import Cluster
from reelhook.kit.ids import Ids
from reelhook.monitoring import Pulse, Readiness, router
from reelhook.monitoring.readiness import GOOD_FOR_S
from reelhook.settings import Settings
from tests.conftest import StillClock
from tests.e2e.trouble import guide
from tests.redis_server import RedisServer, redis_server

__all__ = ["redis_server"]


async def test_redis_away_or_silent_is_told_and_keeps_nobody_away(
    clock: StillClock, ids: Ids, redis_server: RedisServer
) -> None:
    config = Settings(redis_url=redis_server.url)  # type: ignore[arg-type]
    cluster, app = Cluster.build(config, clock, ids), FastAPI()
    app.include_router(router(Pulse(clock), Readiness(clock, cluster.dependencies)))

    async def told() -> tuple[int, bool, str]:
        clock.move(GOOD_FOR_S)
        async with asyncio.timeout(20):
            answer = await probe.get("/readyz")
        state = answer.json()["dependencies"]["redis"]
        return answer.status_code, state["ok"], state.get("reason", "")

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as probe:
        assert await told() == (200, True, "")
        redis_server.freeze()
        status, ok, reason = await told()
        assert (status, ok, reason.startswith("Redis does not answer")) == (200, False, True)
        redis_server.thaw()
        redis_server.stop()
        assert (await told())[:2] == (200, False)
        redis_server.start()
        assert await told() == (200, True, "")
    await cluster.close()
    guide(reason.split(":")[0], "/readyz")


async def test_without_redis_none_is_told_of(clock: StillClock, ids: Ids) -> None:
    assert Cluster.build(Settings(), clock, ids).dependencies == {}
