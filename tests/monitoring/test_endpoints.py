"""`/readyz`: each dependency by itself, one look for all who ask."""

import asyncio
from typing import Any

import httpx2 as httpx
from fastapi import FastAPI

from reelhook.errors import Unavailable
from reelhook.monitoring import Dependency, Pulse, Readiness, router
from reelhook.monitoring.readiness import GOOD_FOR_S
from tests.conftest import StillClock


def client(clock: StillClock, draining: bool = False, **dependencies: Dependency) -> httpx.AsyncClient:
    app = FastAPI()
    app.include_router(router(Pulse(clock), Readiness(clock, dependencies, lambda: draining)))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")


async def fine() -> None:
    return None


async def away() -> None:
    raise Unavailable("nobody at home")


async def silent() -> None:
    await asyncio.Event().wait()


def not_well(reason: str, *, required: bool = True, since: str = "2026-11-22T12:00:00.000Z") -> dict[str, Any]:
    return {"ok": False, "required": required, "since": since, "reason": reason}


async def test_ready_names_each_dependency_and_is_503_when_one_is_away(clock: StillClock) -> None:
    async with client(clock, database=Dependency(fine), other=Dependency(away)) as probe:
        answer = await probe.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {
        "status": "unavailable",
        "dependencies": {"database": {"ok": True, "required": True}, "other": not_well("nobody at home")},
    }


async def test_what_is_not_required_is_reported_and_keeps_nobody_away(clock: StillClock) -> None:
    async with client(clock, database=Dependency(fine), redis=Dependency(away, required=False)) as probe:
        answer = await probe.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (200, "ok")
    assert answer.json()["dependencies"]["redis"] == not_well("nobody at home", required=False)


async def test_a_dependency_that_does_not_answer_is_waited_for_no_longer_than_its_limit(clock: StillClock) -> None:
    slow = {name: Dependency(silent, limit_s=0.05) for name in ("database", "other")}
    async with client(clock, **slow) as probe, asyncio.timeout(20):
        answer = await probe.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["dependencies"]["other"]["reason"] == "no answer within 0.05 s"


async def test_a_check_that_fails_itself_says_so_and_ends_nothing(clock: StillClock) -> None:
    async def broken() -> None:
        raise ZeroDivisionError

    async with client(clock, disk=Dependency(broken, required=False)) as probe:
        answer = await probe.get("/readyz")
    assert answer.json()["dependencies"]["disk"] == not_well(
        "it could not be looked at: ZeroDivisionError", required=False
    )


async def test_a_draining_process_is_not_ready_however_well_it_is(clock: StillClock) -> None:
    async with client(clock, draining=True, database=Dependency(fine)) as probe:
        answer = await probe.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (503, "draining")
    assert answer.json()["dependencies"] == {"database": {"ok": True, "required": True}}


async def test_many_probes_are_one_look_for_a_second(clock: StillClock) -> None:
    looked = 0

    async def look() -> None:
        nonlocal looked
        looked += 1
        await asyncio.sleep(0)

    async with client(clock, database=Dependency(look)) as probe:
        await asyncio.gather(*(probe.get("/readyz") for _ in range(20)))
        assert looked == 1
        clock.move(GOOD_FOR_S)
        await probe.get("/readyz")
    assert looked == 2


async def test_it_is_told_since_when_something_is_away_and_what_costs_is_tried_seldom(clock: StillClock) -> None:
    tried = 0

    async def disk() -> None:
        nonlocal tried
        tried += 1
        if tried > 1:
            raise Unavailable("no space left")

    async with client(clock, disk=Dependency(disk, required=False, good_for_s=30)) as probe:
        seen = []
        for _ in range(4):
            seen.append((await probe.get("/readyz")).json()["dependencies"]["disk"])
            clock.move(20)
    well, away = {"ok": True, "required": False}, not_well("no space left", required=False)
    away["since"] = "2026-11-22T12:00:40.000Z"
    assert seen == [well, well, away, away]
    assert tried == 2
