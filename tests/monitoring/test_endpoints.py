"""Probes and metrics."""

import asyncio

import httpx2 as httpx
from fastapi import FastAPI

from reelhook.errors import Unavailable
from reelhook.monitoring import Dependency, Readiness, router


def client(draining: bool = False, **dependencies: Dependency) -> httpx.AsyncClient:
    app = FastAPI()
    app.include_router(router(Readiness(dependencies, lambda: draining)))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")


async def fine() -> None:
    return None


async def away() -> None:
    raise Unavailable("nobody at home")


async def silent() -> None:
    await asyncio.Event().wait()


async def test_ready_names_each_dependency_and_is_503_when_one_is_away() -> None:
    async with client(database=Dependency(fine), other=Dependency(away)) as probe:
        answer = await probe.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {
        "status": "unavailable",
        "dependencies": {
            "database": {"ok": True, "required": True},
            "other": {"ok": False, "required": True, "reason": "nobody at home"},
        },
    }


async def test_ready_when_all_is_well() -> None:
    async with client(database=Dependency(fine)) as probe:
        assert (await probe.get("/readyz")).status_code == 200


async def test_what_is_not_required_is_reported_and_keeps_nobody_away() -> None:
    async with client(database=Dependency(fine), redis=Dependency(away, required=False)) as probe:
        answer = await probe.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (200, "ok")
    assert answer.json()["dependencies"]["redis"] == {"ok": False, "required": False, "reason": "nobody at home"}


async def test_a_dependency_that_does_not_answer_is_waited_for_no_longer_than_its_limit() -> None:
    slow = {name: Dependency(silent, limit_s=0.05) for name in ("database", "other")}
    async with client(**slow) as probe, asyncio.timeout(5):
        answer = await probe.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["dependencies"]["other"]["reason"] == "no answer within 0.05 s"


async def test_a_draining_process_is_not_ready_however_well_it_is() -> None:
    async with client(draining=True, database=Dependency(fine)) as probe:
        answer = await probe.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (503, "draining")
    assert answer.json()["dependencies"] == {"database": {"ok": True, "required": True}}


async def test_alive_looks_at_nothing_else() -> None:
    async with client(draining=True, database=Dependency(away)) as probe:
        assert (await probe.get("/healthz")).json() == {"status": "ok"}
