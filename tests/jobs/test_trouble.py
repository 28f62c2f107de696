"""The worker when the database goes away, or a part of it breaks."""

import asyncio
import threading
from typing import NoReturn

import pytest
from sqlalchemy import update

from reelhook.db import Tx
from reelhook.db.tables import jobs
from reelhook.errors import ReelhookError, WrongInput
from reelhook.jobs import Effect, Handler
from reelhook.jobs import runner as running_jobs
from reelhook.jobs import worker as workers
from reelhook.jobs.kinds import DeleteStored
from reelhook.jobs.queue import Job
from tests.conftest import eventually
from tests.jobs.acts import beat, cut, no_attempt_left, raising
from tests.jobs.scene import LEASE, Scene, mark, outcomes, rows, states


async def test_a_database_that_goes_away_is_waited_for_and_no_work_is_lost(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    away, go, ran = threading.Event(), asyncio.Event(), 0

    async def run(work: DeleteStored) -> Effect:
        nonlocal ran
        ran += 1
        await go.wait()
        return mark(work.location)

    cut(scene, away, monkeypatch)
    await scene.add("a")
    async with scene.running(scene.worker(run)):
        await eventually(lambda: ran == 1)
        away.set()
        go.set()
        await beat(scene)
        await asyncio.sleep(0.05)
        assert ran == 1
        away.clear()
        await beat(scene)
        await scene.until("a", "done")
        await scene.add("b")
        await scene.until("b", "done")
    assert ran == 2, "the finished work was kept, not done again"
    assert await outcomes(scene.db) == [(1, "done")] * 2


async def test_a_database_that_stays_away_leaves_the_job_to_its_lease(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running_jobs, "SETTLE_TRIES", 2)
    away, begun, go = threading.Event(), asyncio.Event(), asyncio.Event()

    async def run(work: DeleteStored) -> Effect:
        begun.set()
        await go.wait()
        return mark("x")

    cut(scene, away, monkeypatch)
    await scene.add("a")
    async with scene.running(scene.worker(run)):
        await asyncio.wait_for(begun.wait(), 20)  # the row is `running` somewhat before its attempt
        away.set()
        go.set()
        await eventually(lambda: no_attempt_left(scene))
        away.clear()
    assert await states(scene.db) == {"a": "running"}
    scene.clock.move(31)
    async with scene.running(scene.worker()):
        await scene.until("a", "retryable")


async def test_stopping_while_the_database_is_away_does_not_hang(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "LET_GO_S", 60)
    away, go = threading.Event(), asyncio.Event()

    async def run(work: DeleteStored) -> Effect:
        if work.location == "waits":
            await asyncio.Event().wait()
        await go.wait()
        return mark("x")

    cut(scene, away, monkeypatch)
    await scene.add("ends", "waits")
    async with scene.running(scene.worker(run, drain_s=0.02)):
        await scene.until("waits", "running")
        away.set()
        go.set()
    away.clear()
    assert await states(scene.db) == {"ends": "running", "waits": "running"}


async def test_a_database_that_is_away_at_the_start_is_waited_for(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = threading.Event()
    cut(scene, away, monkeypatch)
    await scene.add("a")
    await scene.db.write(lambda tx: scene.queue.claim(tx, "dead", LEASE, 1))
    away.set()
    async with scene.running(scene.worker(alone=True)):
        await asyncio.sleep(0.05)
        away.clear()
        await scene.until("a", "retryable")
    away.set()
    async with scene.running(scene.worker(alone=True)):
        await asyncio.sleep(0.05)  # and stopped while it still waits


@pytest.mark.parametrize("side", ["reelhook.jobs.leader.tick", "reelhook.jobs.queue.Queue.extend"])
async def test_a_failing_side_task_ends_the_worker_loudly(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, side: str
) -> None:
    def broken(*_: object) -> NoReturn:
        raise RuntimeError("a side of it is broken")

    monkeypatch.setattr(side, broken)
    with pytest.raises(RuntimeError, match="a side of it is broken"):
        await asyncio.wait_for(scene.worker().run(asyncio.Event()), 20)


async def test_a_fault_in_the_claim_ends_the_worker_loudly(scene: Scene) -> None:
    worker = scene.worker()

    def broken(*_: object, **__: object) -> NoReturn:
        raise RuntimeError("the claim is broken")

    worker.queue.any_due = broken  # type: ignore[method-assign]
    with pytest.raises(RuntimeError, match="the claim is broken"):
        await asyncio.wait_for(worker.run(asyncio.Event()), 20)


async def test_an_interrupt_from_the_keyboard_is_not_taken_for_a_failure(scene: Scene) -> None:
    runner = running_jobs.Runner(
        scene.db, scene.queue, scene.clock, scene.ids, {"delete_stored": Handler(raising(KeyboardInterrupt()))}
    )
    await scene.add("a")
    (job,) = await scene.db.write(lambda tx: scene.queue.claim(tx, "w1", LEASE, 1))
    with pytest.raises(KeyboardInterrupt):
        await runner._end(job)
    assert await states(scene.db) == {"a": "running"}


async def test_a_handlers_default_does_nothing_when_its_job_is_dead(scene: Scene) -> None:
    await scene.add("a")
    async with scene.running(scene.worker(raising(WrongInput("no")))):
        await scene.until("a", "dead")


async def test_errors_of_ours_keep_their_code(scene: Scene) -> None:
    class Refused(ReelhookError):
        code = "their_refusal"

    await scene.add("a")
    async with scene.running(scene.worker(raising(Refused("no")))):
        await scene.until("a", "dead")
    assert (await rows(scene.db))["a"].error["code"] == "their_refusal"


async def test_jobs_that_end_together_are_settled_in_one_transaction_and_a_lost_one_holds_up_no_other(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    go, running = asyncio.Event(), 0

    async def run(work: DeleteStored) -> None:
        nonlocal running
        running += 1
        await go.wait()

    finish, together = scene.queue.finish, list[int]()

    def counted(tx: Tx, *done: Job) -> None:
        together.append(len(done))
        finish(tx, *done)

    monkeypatch.setattr(scene.queue, "finish", counted)
    await scene.add("a", "b", "c")
    async with scene.running(scene.worker(run)):
        await eventually(lambda: running == 3)
        another_has_it = update(jobs).where(jobs.c.id == (await rows(scene.db))["b"].id).values(fence=9)
        await scene.db.write(lambda tx: tx.execute(another_has_it) and None)
        go.set()
        await scene.until("a", "done")
        await scene.until("c", "done")
    assert together == [3, 1, 1, 1]
    assert (await states(scene.db))["b"] == "running"
