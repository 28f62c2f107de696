"""Work that is over goes after its time; what waits, runs, or waits for a person stays."""

from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, false, update

from reelhook.db.tables import job_attempts, jobs
from reelhook.jobs import Failure
from reelhook.jobs.retention import sweeps
from reelhook.settings import Settings
from tests.jobs.scene import LEASE, Scene, outcomes, states
from tests.sweeping import swept

DAY = 86_400


def nobody(_: ColumnElement[Any]) -> ColumnElement[bool]:
    return false()


def prune(scene: Scene, spared: Any = nobody) -> dict[str, int]:
    return swept(scene.db, sweeps(Settings(), scene.clock.now(), spared), most=2)


async def ended(scene: Scene, *names: str, dead: bool = False) -> None:
    await scene.add(*names)
    for job in await scene.db.write(lambda tx: scene.queue.claim(tx, "w", LEASE, len(names))):
        end = (
            (lambda tx, job=job: scene.queue.bury(tx, job, Failure("x", "no", False)))
            if dead
            else (lambda tx, job=job: scene.queue.finish(tx, job))
        )
        await scene.db.write(end)


async def test_done_jobs_go_with_their_attempts(scene: Scene) -> None:
    await ended(scene, "a", "b", "c")
    scene.clock.move(10 * DAY)
    await ended(scene, "young")
    scene.clock.move(5 * DAY)
    assert prune(scene) == {"jobs": 3}
    assert await states(scene.db) == {"young": "done"}
    assert await outcomes(scene.db) == [(1, "done")]


async def test_dead_letters_stay_until_they_are_discarded(scene: Scene) -> None:
    await ended(scene, "dead", "discarded", dead=True)
    discard = update(jobs).where(jobs.c.payload.contains("discarded")).values(discarded_reason="known")
    await scene.db.write(lambda tx: tx.execute(discard).rowcount)
    scene.clock.move(900 * DAY)
    assert prune(scene) == {"jobs": 1}
    assert await states(scene.db) == {"dead": "dead"}


async def test_open_jobs_stay_however_old(scene: Scene) -> None:
    await scene.add("running", "waiting")
    await scene.db.write(lambda tx: scene.queue.claim(tx, "w", LEASE, 1))
    scene.clock.move(900 * DAY)
    assert prune(scene) == {}
    assert await states(scene.db) == {"running": "running", "waiting": "available"}


async def test_it_is_the_end_that_counts(scene: Scene) -> None:
    await scene.add("patient")
    scene.clock.move(30 * DAY)
    (job,) = await scene.db.write(lambda tx: scene.queue.claim(tx, "w", timedelta(seconds=30), 1))
    await scene.db.write(lambda tx: scene.queue.finish(tx, job))
    assert prune(scene) == {}
    scene.clock.move(15 * DAY)
    assert prune(scene) == {"jobs": 1}
    assert await scene.db.read(lambda conn: conn.execute(job_attempts.select()).fetchall()) == []


async def test_the_jobs_of_spared_videos_stay(scene: Scene) -> None:
    await ended(scene, "a", "b")
    scene.clock.move(15 * DAY)
    assert prune(scene, lambda video_id: jobs.c.payload.contains("b")) == {"jobs": 1}
    assert list(await states(scene.db)) == ["b"]
