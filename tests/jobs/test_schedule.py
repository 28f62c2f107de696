"""Periodic work runs once per interval, however many processes there are."""

import asyncio

from reelhook.db.tables import leases
from reelhook.jobs import Every
from reelhook.jobs.kinds import FlagLate, Prune
from reelhook.jobs.schedule import tick
from tests.conftest import eventually
from tests.jobs.acts import beat
from tests.jobs.scene import LEASE, Scene, rows

ENTRIES = (Every(15, FlagLate()), Every(3600, Prune()))


async def ticked(scene: Scene, owner: str = "w1") -> list[str]:
    return await scene.db.write(lambda tx: tick(tx, scene.queue, scene.clock, ENTRIES, owner))


async def finish_all(scene: Scene) -> None:
    for job in await scene.db.write(lambda tx: scene.queue.claim(tx, "w1", LEASE, 9)):
        await scene.db.write(lambda tx, job=job: scene.queue.finish(tx, job))  # type: ignore[misc]


async def test_each_entry_runs_at_once_and_then_once_per_interval(scene: Scene) -> None:
    assert await ticked(scene) == ["flag_late", "prune"]
    assert await ticked(scene) == []
    await finish_all(scene)
    scene.clock.move(14.9)
    assert await ticked(scene) == []
    scene.clock.move(0.1)
    assert await ticked(scene) == ["flag_late"]


async def test_two_workers_add_one_job_between_them(scene: Scene) -> None:
    for _ in range(4):
        due = await asyncio.gather(*(ticked(scene, f"w{number}") for number in range(4)))
        assert sum(kinds.count("flag_late") for kinds in due) == 1
        await finish_all(scene)
        scene.clock.move(15)


async def test_work_that_is_still_open_is_not_piled_up(scene: Scene) -> None:
    for _ in range(3):
        await ticked(scene)
        scene.clock.move(3600)
    assert sorted(await rows(scene.db)) == ["flag_late", "prune"]
    assert len(await scene.db.write(lambda tx: scene.queue.claim(tx, "w1", LEASE, 9))) == 2


async def test_a_clock_that_is_set_back_does_not_stop_periodic_work(scene: Scene) -> None:
    await ticked(scene)
    await finish_all(scene)
    scene.clock.move(-86_400)
    assert await ticked(scene) == ["flag_late", "prune"]
    assert await ticked(scene) == []


async def test_an_empty_schedule_writes_nothing(scene: Scene) -> None:
    assert await scene.db.write(lambda tx: tick(tx, scene.queue, scene.clock, (), "w1")) == []
    assert await scene.db.read(lambda conn: conn.execute(leases.select()).fetchall()) == []


async def test_the_worker_keeps_the_schedule(scene: Scene) -> None:
    async with scene.running(scene.worker(schedule=(Every(15, FlagLate()),))):
        await scene.until("flag_late", "done")

        async def twice() -> bool:
            await beat(scene)  # a turn that takes long may sleep through one of these
            found = await scene.db.read(lambda conn: conn.exec_driver_sql("SELECT count(*) FROM jobs").scalar())
            return found == 2

        await eventually(twice)
