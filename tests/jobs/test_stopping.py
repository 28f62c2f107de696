"""The worker when it is told to stop."""

import asyncio
import contextlib
from typing import NoReturn

import pytest

from reelhook.jobs import Effect
from reelhook.jobs import worker as workers
from reelhook.jobs.kinds import DeleteStored
from tests.jobs.acts import beat
from tests.jobs.scene import LEASE, Scene, effects, mark, outcomes, rows, states


async def test_stopping_while_idle_is_immediate(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "POLL_S", 60)
    stop = asyncio.Event()
    task = asyncio.create_task(scene.worker().run(stop))
    await asyncio.sleep(0.05)
    stop.set()
    await asyncio.wait_for(task, 20)


async def test_jobs_that_end_while_the_worker_drains_are_settled(scene: Scene) -> None:
    began, go = asyncio.Event(), asyncio.Event()

    async def run(work: DeleteStored) -> Effect:
        began.set()
        await go.wait()
        return mark("finished")

    await scene.add("a", "b")
    stop = asyncio.Event()
    task = asyncio.create_task(scene.worker(run, slots=1).run(stop))
    await began.wait()
    stop.set()
    await asyncio.sleep(0.02)
    assert not task.done()
    go.set()
    await asyncio.wait_for(task, 20)
    assert await states(scene.db) == {"a": "done", "b": "available"}, "nothing new is claimed"
    assert await effects(scene.db) == ["finished"]


async def test_jobs_that_do_not_end_in_time_are_given_back_without_an_attempt(scene: Scene) -> None:
    began = asyncio.Event()

    async def run(work: DeleteStored) -> NoReturn:
        began.set()
        await asyncio.Event().wait()
        raise AssertionError

    await scene.add("a")
    async with scene.running(scene.worker(run, drain_s=0.02)):
        await began.wait()
    row = (await rows(scene.db))["a"]
    assert (row.state, row.attempts, row.run_at, row.lease_owner) == ("available", 0, scene.clock.now(), None)
    assert await outcomes(scene.db) == [(1, "postponed")]
    async with scene.running(scene.worker(name="w2")):
        await scene.until("a", "done")


async def test_in_a_hurry_jobs_get_a_moment_and_are_given_back_without_an_attempt(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "MOMENT_S", 0.3)
    began = asyncio.Event()
    stop, hurry = asyncio.Event(), asyncio.Event()

    async def run(work: DeleteStored) -> Effect:
        if work.location == "long":
            began.set()
            await asyncio.Event().wait()
        await hurry.wait()
        return mark(f"finished {work.location}")

    await scene.add("short", "long")
    task = asyncio.create_task(scene.worker(run, drain_s=60).run(stop, hurry))
    await began.wait()
    stop.set()
    await asyncio.sleep(0.02)
    assert not task.done()
    hurry.set()
    await asyncio.wait_for(task, 20)
    assert await effects(scene.db) == ["finished short"]
    left = (await rows(scene.db))["long"]
    assert (left.state, left.attempts) == ("available", 0)


async def test_leases_are_kept_alive_while_the_worker_drains(scene: Scene) -> None:
    began, go = asyncio.Event(), asyncio.Event()

    async def run(work: DeleteStored) -> Effect:
        began.set()
        await go.wait()
        return mark("finished")

    await scene.add("a")
    stop = asyncio.Event()
    task = asyncio.create_task(scene.worker(run).run(stop))
    await began.wait()
    stop.set()
    for _ in range(8):  # longer than a lease
        await beat(scene)
    assert await scene.db.write(lambda tx: scene.queue.abandoned(tx, "w2", LEASE)) == []
    go.set()
    await asyncio.wait_for(task, 20)
    assert await effects(scene.db) == ["finished"]


async def test_a_handler_that_does_not_notice_the_end_is_left_behind(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "LET_GO_S", 0.02)
    began, go = asyncio.Event(), asyncio.Event()

    async def run(work: DeleteStored) -> None:
        began.set()
        while not go.is_set():
            with contextlib.suppress(asyncio.CancelledError):
                await go.wait()

    await scene.add("a")
    async with scene.running(scene.worker(run, drain_s=0.01)):
        await began.wait()
    assert await states(scene.db) == {"a": "running"}
    go.set()
    await scene.until("a", "done")
