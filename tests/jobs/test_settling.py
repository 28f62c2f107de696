"""How an attempt at a job ends in the table, on both databases."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from reelhook.db import Tx
from reelhook.db.tables import job_attempts
from reelhook.jobs import Failure, Job
from reelhook.jobs.queue import LeaseLost
from tests.jobs.scene import LEASE, REFUSED, Scene, claim, effects, mark, outcomes, rows, states


@pytest.mark.parametrize("way", ["finish", "retry", "bury", "postpone"])
async def test_only_the_newest_fence_settles_and_nothing_else_of_the_loser_is_kept(scene: Scene, way: str) -> None:
    await scene.add("a")
    (job,) = await claim(scene)
    scene.clock.move(31)
    (rescued,) = await scene.db.write(lambda tx: scene.queue.abandoned(tx, "w2", LEASE))

    def settle(tx: Tx, job: Job) -> None:
        mark(f"fence {job.fence}")(tx)
        arguments: dict[str, tuple[Any, ...]] = {
            "finish": (),
            "retry": (REFUSED, scene.clock.now()),
            "bury": (REFUSED,),
            "postpone": (scene.clock.now(), "later"),
        }
        getattr(scene.queue, way)(tx, job, *arguments[way])

    with pytest.raises(LeaseLost):
        await scene.db.write(lambda tx: settle(tx, job))
    assert await effects(scene.db) == []
    await scene.db.write(lambda tx: settle(tx, rescued))
    with pytest.raises(LeaseLost):
        await scene.db.write(lambda tx: scene.queue.finish(tx, rescued))
    assert await effects(scene.db) == ["fence 2"]
    assert len(await outcomes(scene.db)) == 1


async def test_postponing_costs_no_attempt(scene: Scene) -> None:
    await scene.add("a")
    for _ in range(3):
        (job,) = await claim(scene)
        assert job.attempts == 1
        at = scene.clock.now() + timedelta(seconds=5)
        await scene.db.write(lambda tx, job=job, at=at: scene.queue.postpone(tx, job, at, "waiting"))  # type: ignore[misc]
        assert await claim(scene) == []
        scene.clock.move(5)
    assert await outcomes(scene.db) == [(1, "postponed")], "one entry, that grows longer"
    (story,) = await scene.db.read(lambda conn: conn.execute(select(job_attempts)).fetchall())
    assert story.ended_at - story.started_at == timedelta(seconds=10)
    error = (await rows(scene.db))["a"].error
    assert error == {"code": "postponed", "message": "waiting", "retryable": True, "remedy": "time"}


async def test_waiting_for_something_else_is_an_entry_of_its_own(scene: Scene) -> None:
    await scene.add("a")
    for reason in ("waiting", "stopping", "waiting"):
        (job,) = await claim(scene)
        await scene.db.write(lambda tx, job=job, why=reason: scene.queue.postpone(tx, job, scene.clock.now(), why))  # type: ignore[misc]
    assert await outcomes(scene.db) == [(1, "postponed")] * 3


async def test_every_attempt_is_written_down(scene: Scene) -> None:
    await scene.add("a")
    (job,) = await claim(scene)
    failure = Failure("busy", "later", True)
    await scene.db.write(lambda tx: scene.queue.retry(tx, job, failure, scene.clock.now()))
    (job,) = await claim(scene)
    await scene.db.write(lambda tx: scene.queue.finish(tx, job))
    assert await outcomes(scene.db) == [(1, "retryable"), (2, "done")]
    row = (await rows(scene.db))["a"]
    assert (row.state, row.error, row.lease_owner, row.lease_until) == ("done", None, None, None)
    assert row.finished_at == scene.clock.now()


async def test_jobs_that_end_together_are_settled_at_once_or_not_at_all(scene: Scene) -> None:
    await scene.add("a", "b", "c")
    ours, *others = await claim(scene)
    await scene.db.write(lambda tx: scene.queue.finish(tx, *others))
    with pytest.raises(LeaseLost):
        await scene.db.write(lambda tx: scene.queue.finish(tx, ours, others[0]))
    assert await states(scene.db) == {"a": "running", "b": "done", "c": "done"}
    assert await outcomes(scene.db) == [(1, "done")] * 2
