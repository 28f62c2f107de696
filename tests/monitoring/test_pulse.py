"""`/healthz` says no late, and only of a process that nothing but a restart helps."""

import asyncio

import httpx2 as httpx
import pytest
from fastapi import FastAPI
from prometheus_client import REGISTRY

from reelhook.monitoring import Dependency, Pulse, Readiness, router
from reelhook.monitoring.pulse import EVERY_S, FOR_S, KEPT
from tests.conftest import StillClock, eventually


@pytest.fixture
def pulse(clock: StillClock) -> Pulse:
    return Pulse(clock)


async def asked(pulse: Pulse, clock: StillClock) -> httpx.Response:
    async def away() -> None:
        raise AssertionError("it is not asked")

    app = FastAPI()
    app.include_router(router(pulse, Readiness(clock, {"database": Dependency(away)}, lambda: True)))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as probe:
        return await probe.get("/healthz")


async def test_alive_looks_at_nothing_outside(pulse: Pulse, clock: StillClock) -> None:
    answer = await asked(pulse, clock)
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


async def test_a_part_that_died_is_told_after_a_minute_in_which_the_process_did_not_end(
    pulse: Pulse, clock: StillClock
) -> None:
    pulse.died("hub died: KeyError: password=hunter2hunter2")
    pulse.died("and the lane with it")
    clock.move(FOR_S - 1)
    assert (await asked(pulse, clock)).status_code == 200
    clock.move(1)
    answer = await asked(pulse, clock)
    assert (answer.status_code, answer.json()["status"]) == (503, "failing")
    assert answer.json()["reason"] == "it should have ended 60 s ago: hub died: KeyError: password=***"


async def test_a_loop_that_crawls_for_a_minute_is_told_and_one_good_beat_makes_up_for_it(
    pulse: Pulse, clock: StillClock
) -> None:
    for _ in range(10):
        clock.move(6)
        pulse.beat(5.0)
    assert pulse.trouble() is None, "59 seconds, for the first beat was due a second before"
    clock.move(6)
    pulse.beat(5.0)
    answer = await asked(pulse, clock)
    assert answer.status_code == 503
    assert answer.json()["reason"] == "for 65 s its event loop has been more than 5 s late"
    pulse.beat(4.9)
    assert (await asked(pulse, clock)).status_code == 200


async def test_it_measures_how_late_the_loop_wakes_and_keeps_the_worst_for_the_next_heartbeat(
    pulse: Pulse, clock: StillClock
) -> None:
    beating = asyncio.create_task(pulse.run())
    await eventually(lambda: clock.asleep == 1)
    assert pulse.lag_s == 0
    await clock.forward(EVERY_S + 0.25)
    await eventually(lambda: clock.asleep == 1)
    assert pulse.lag_s == 0.25
    assert REGISTRY.get_sample_value("reelhook_loop_lag_seconds") == 0.25
    for _ in range(KEPT):
        await clock.forward(EVERY_S)
        await eventually(lambda: clock.asleep == 1)
    assert pulse.lag_s == 0
    beating.cancel()
