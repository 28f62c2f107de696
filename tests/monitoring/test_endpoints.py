"""Probes and metrics."""

import httpx2 as httpx
from fastapi import FastAPI

from reelhook.errors import Unavailable
from reelhook.monitoring import Readiness, router


def client(checks: Readiness) -> httpx.AsyncClient:
    app = FastAPI()
    app.include_router(router(checks))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")


async def fine() -> None:
    return None


async def away() -> None:
    raise Unavailable("nobody at home")


async def test_ready_names_each_dependency_and_is_503_when_one_is_away() -> None:
    async with client({"database": fine, "other": away}) as probe:
        answer = await probe.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {
        "status": "unavailable",
        "dependencies": {"database": {"ok": True}, "other": {"ok": False, "reason": "nobody at home"}},
    }


async def test_ready_when_all_is_well() -> None:
    async with client({"database": fine}) as probe:
        assert (await probe.get("/readyz")).status_code == 200


async def test_alive_looks_at_nothing_else() -> None:
    async with client({"database": away}) as probe:
        assert (await probe.get("/healthz")).json() == {"status": "ok"}
