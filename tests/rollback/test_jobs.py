"""The job table: every way in which a job is taken, settled or rescued is committed whole, or not at all."""

from collections.abc import Callable
from typing import Any

import pytest

from reelhook.db import Tx
from reelhook.jobs import Every, Failure, Queue
from reelhook.jobs.kinds import DeleteStored, FlagLate, Prune
from reelhook.jobs.queue import SIGNAL as JOBS
from reelhook.jobs.queue import Job
from reelhook.jobs.schedule import tick
from tests.jobs.scene import LEASE, mark
from tests.rollback.breaking import Breaker
from tests.videos.scene import Scene

SCHEDULE = (Every(15, FlagLate()), Every(3600, Prune()))
FULL = Failure("store_full", "no space left in /media", True)


def claimed(scene: Scene, number: int = 1) -> list[Job]:
    for name in range(number):
        work = DeleteStored(store="local", location=str(name))
        scene.db.write_now(lambda tx, work=work: scene.queue.add(tx, work))  # type: ignore[misc]
    return scene.db.write_now(lambda tx: scene.queue.claim(tx, "w1", LEASE, number))


async def breaks(scene: Scene, breaker: Breaker, work: Callable[[Tx], Any]) -> set[str]:
    async def act() -> None:
        await scene.db.write(work)

    return await breaker.in_turn(act)


async def test_periodic_work_that_is_due(scene: Scene, breaker: Breaker) -> None:
    due = lambda tx: tick(tx, scene.queue, scene.clock, SCHEDULE, "w1")  # noqa: E731
    assert await breaks(scene, breaker, due) == {JOBS}


async def test_a_claim(scene: Scene, breaker: Breaker) -> None:
    for job in claimed(scene, 3):
        scene.db.write_now(lambda tx, job=job: scene.queue.retry(tx, job, FULL, scene.clock.now()))  # type: ignore[misc]
    assert await breaks(scene, breaker, lambda tx: scene.queue.claim(tx, "w2", LEASE, 2)) == set()


async def test_a_heartbeat(scene: Scene, breaker: Breaker) -> None:
    held = claimed(scene, 3)
    scene.clock.move(5)
    assert await breaks(scene, breaker, lambda tx: scene.queue.extend(tx, held, LEASE)) == set()


async def test_a_rescue(scene: Scene, breaker: Breaker) -> None:
    claimed(scene, 2)
    scene.clock.move(60)
    assert await breaks(scene, breaker, lambda tx: scene.queue.abandoned(tx, "w2", LEASE)) == set()


def finish(queue: Queue, tx: Tx, job: Job) -> None:
    queue.finish(tx, job)
    mark("effect")(tx)


SETTLING: dict[str, tuple[Callable[[Queue, Tx, Job], None], set[str]]] = {
    "done": (finish, set()),
    "retryable": (lambda queue, tx, job: queue.retry(tx, job, FULL, job.started_at), {JOBS}),
    "dead": (lambda queue, tx, job: queue.bury(tx, job, FULL), set()),
    "postponed": (lambda queue, tx, job: queue.postpone(tx, job, job.started_at, "not now"), {JOBS}),
}


@pytest.mark.parametrize("outcome", SETTLING)
async def test_settling(scene: Scene, breaker: Breaker, outcome: str) -> None:
    settle, announced = SETTLING[outcome]
    (job,) = claimed(scene)
    assert await breaks(scene, breaker, lambda tx: settle(scene.queue, tx, job)) == announced
