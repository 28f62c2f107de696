"""Jobs whose worker died, or was thought dead."""

import asyncio
from typing import Any

from sqlalchemy import update

from reelhook.db import Tx
from reelhook.db.tables import jobs
from reelhook.jobs import Effect, RetryPolicy
from reelhook.jobs.kinds import DeleteStored
from tests.conftest import eventually
from tests.jobs.acts import beat, settled
from tests.jobs.scene import LEASE, Scene, effects, mark, outcomes, states


async def test_a_dead_processs_jobs_are_taken_back_at_the_start(scene: Scene) -> None:
    await scene.add("a")
    await scene.db.write(lambda tx: scene.queue.claim(tx, "dead", LEASE, 1))
    async with scene.running(scene.worker(alone=True)):
        await scene.until("a", "retryable")
        scene.clock.move(1)
        await scene.until("a", "done")
    assert await outcomes(scene.db) == [(1, "retryable"), (2, "done")]


async def test_a_job_that_kills_its_process_each_time_is_dead_in_the_end(scene: Scene) -> None:
    await scene.add("a")
    worker = scene.worker(on_dead=lambda tx, work, failure: mark(failure.code)(tx), policy=RetryPolicy(attempts=2))
    for _ in range(2):
        await scene.db.write(lambda tx: scene.queue.claim(tx, "dead", LEASE, 1))
        scene.clock.move(31)
        stop = asyncio.Event()
        task = asyncio.create_task(worker.run(stop))
        await eventually(lambda: settled(scene))
        stop.set()
        await task
        scene.clock.move(300)
    assert await states(scene.db) == {"a": "dead"}
    assert await effects(scene.db) == ["worker_died"]


async def test_other_workers_jobs_are_taken_back_only_when_their_lease_is_over(scene: Scene) -> None:
    await scene.add("a")
    await scene.db.write(lambda tx: scene.queue.claim(tx, "other", LEASE, 1))
    async with scene.running(scene.worker()):
        await beat(scene)
        assert await states(scene.db) == {"a": "running"}
        scene.clock.move(31)
        await beat(scene)
        await scene.until("a", "retryable")


async def test_a_worker_that_is_late_but_alive_keeps_its_own_jobs(scene: Scene) -> None:
    """After an outage, or a night asleep, its leases are over; it must not take its own work for abandoned."""
    began, go = asyncio.Event(), asyncio.Event()

    async def run(work: DeleteStored) -> Effect:
        began.set()
        await go.wait()
        return mark("kept")

    await scene.add("a")
    async with scene.running(scene.worker(run)):
        await began.wait()
        scene.clock.move(3600)
        await beat(scene)
        assert await states(scene.db) == {"a": "running"}
        go.set()
        await scene.until("a", "done")
    assert await outcomes(scene.db) == [(1, "done")]


async def test_a_worker_that_lost_its_lease_lets_the_job_go(scene: Scene) -> None:
    began, cancelled = asyncio.Event(), asyncio.Event()

    async def run(work: DeleteStored) -> Effect:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()
        raise AssertionError

    await scene.add("a")
    async with scene.running(scene.worker(run)):
        await began.wait()
        (job,) = await scene.db.write(lambda tx: scene.queue.abandoned(tx, "w2", LEASE, owners_gone=True))
        await beat(scene)
        await asyncio.wait_for(cancelled.wait(), 20)
        await scene.db.write(lambda tx: scene.queue.finish(tx, job))
    assert await outcomes(scene.db) == [(1, "done")], "of the other worker; ours settled nothing"


async def test_a_result_that_comes_after_the_lease_was_lost_is_dropped(scene: Scene) -> None:
    began, go = asyncio.Event(), asyncio.Event()

    async def run(work: DeleteStored) -> Effect:
        began.set()
        await go.wait()
        return mark("too late")

    await scene.add("a")
    async with scene.running(scene.worker(run)):
        await began.wait()
        (job,) = await scene.db.write(lambda tx: scene.queue.abandoned(tx, "w2", LEASE, owners_gone=True))
        go.set()
        await eventually(lambda: not [task for task in asyncio.all_tasks() if task.get_name().startswith("job-")])
        await scene.db.write(lambda tx: scene.queue.finish(tx, job))
    assert await effects(scene.db) == []


async def test_a_rescued_job_that_somebody_else_settled_is_left_alone(scene: Scene) -> None:
    """Between taking it over and settling it, an operator or another rescuer was faster."""
    await scene.add("a", "b")
    await scene.db.write(lambda tx: scene.queue.claim(tx, "dead", LEASE, 2))
    worker = scene.worker(alone=True)
    take = worker.queue.abandoned

    def stolen(tx: Tx, *given: Any, **more: Any) -> Any:
        found = take(tx, *given, **more)
        tx.execute(update(jobs).where(jobs.c.id.in_([job.id for job in found[:1]])).values(fence=99))
        return found

    worker.queue.abandoned = stolen  # type: ignore[method-assign]
    async with scene.running(worker):
        await scene.until("b", "retryable")
    assert await states(scene.db) == {"a": "running", "b": "retryable"}
