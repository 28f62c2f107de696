"""One worker leads. A dead leader is replaced within seconds, one that stops lets go at once."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from reelhook.db.tables import jobs, leases
from reelhook.jobs import Every
from reelhook.jobs.kinds import DeleteStored, FlagLate
from reelhook.jobs.lanes.memory import MemoryLane
from reelhook.jobs.leader import LEASE, TURN_ALONE_S, TURN_S, Leader
from tests.conftest import eventually
from tests.jobs.acts import cut
from tests.jobs.scene import Scene

Make = Callable[[str], Leader]


@pytest.fixture
def worker(scene: Scene) -> Make:
    """One of several workers, by its name."""
    return lambda name: made(scene, name)


def made(scene: Scene, name: str, *, alone: bool = False) -> Leader:
    schedule = (Every(15, FlagLate()),)
    return Leader(scene.db, scene.queue, MemoryLane(), scene.clock, schedule, name, alone=alone)


async def who_leads(workers: list[Leader]) -> list[int]:
    """Let each have its turn, and say which think that they lead now."""
    for one in workers:
        await one.turn()
    return [number for number, one in enumerate(workers) if one.leads]


async def begun(scene: Scene) -> int:
    """How often periodic work was started; it is settled at once, so that the next can be."""

    def look(tx: Any) -> int:
        tx.execute(jobs.update().values(state="done"))
        return len(tx.execute(select(jobs.c.id)).fetchall())

    return await scene.db.write(look)


async def test_one_leads_and_periodic_work_is_started_once(scene: Scene, worker: Make) -> None:
    workers = [worker(name) for name in "abc"]
    for _ in range(10):
        assert await who_leads(workers) == [0]
        await begun(scene)
        scene.clock.move(TURN_S)
    assert await begun(scene) == 2, "at the start and after 15 s"


async def test_a_race_for_the_lead_has_one_winner(worker: Make) -> None:
    workers = [worker(name) for name in "abcd"]
    await asyncio.gather(*(one.turn() for one in workers))
    assert sum(one.leads for one in workers) == 1


async def test_a_dead_leader_is_replaced_within_eight_seconds(scene: Scene, worker: Make) -> None:
    dead, heir = worker("a"), worker("b")
    assert await who_leads([dead, heir]) == [0]
    waited = 0.0
    while not heir.leads:
        scene.clock.move(TURN_S)
        waited += TURN_S
        await heir.turn()
    assert LEASE.total_seconds() <= waited <= 8, "not before its lease is over: it might be alive"


async def test_a_leader_that_was_asleep_stands_by_when_it_was_replaced(scene: Scene, worker: Make) -> None:
    asleep, heir = worker("a"), worker("b")
    assert await who_leads([asleep]) == [0]
    scene.clock.move(60)
    assert await who_leads([heir, asleep]) == [0]


async def test_a_leader_that_comes_back_in_time_goes_on(scene: Scene, worker: Make) -> None:
    late, other = worker("a"), worker("b")
    assert await who_leads([late]) == [0]
    scene.clock.move(60)
    assert await who_leads([late, other]) == [0]


async def test_a_lease_of_a_clock_that_was_set_back_is_worth_nothing(scene: Scene, worker: Make) -> None:
    assert await who_leads([worker("a")]) == [0]
    scene.clock.move(-86_400)
    assert await who_leads([worker("b")]) == [0]


async def test_without_the_database_nobody_leads(scene: Scene, worker: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    away, one = threading.Event(), worker("a")
    assert await who_leads([one]) == [0]
    cut(scene, away, monkeypatch)
    away.set()
    assert await who_leads([one]) == []
    away.clear()
    assert await who_leads([one]) == [0]


async def test_a_leader_that_stops_lets_go_at_once(worker: Make) -> None:
    one, other, stop = worker("a"), worker("b"), asyncio.Event()
    running = asyncio.create_task(one.until(stop))
    await eventually(lambda: one.leads)
    stop.set()
    await asyncio.wait_for(running, 20)
    assert await who_leads([other]) == [0]


async def test_one_that_stands_by_takes_nothing_away_when_it_stops(worker: Make) -> None:
    one, other, third = worker("a"), worker("b"), worker("c")
    assert await who_leads([one, other]) == [0]
    stop = asyncio.Event()
    running = asyncio.create_task(other.until(stop))
    stop.set()
    await asyncio.wait_for(running, 20)
    assert await who_leads([third, one]) == [1]


async def test_a_leader_that_cannot_say_that_it_stops_ends_all_the_same(
    scene: Scene, worker: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, away, stop = worker("a"), threading.Event(), asyncio.Event()
    running = asyncio.create_task(one.until(stop))
    await eventually(lambda: one.leads)
    cut(scene, away, monkeypatch)
    away.set()
    stop.set()
    await asyncio.wait_for(running, 20)
    away.clear()
    assert await who_leads([worker("b")]) == [], "until its lease ends"


async def test_it_has_its_turn_again_and_again(scene: Scene, worker: Make) -> None:
    one, stop = worker("a"), asyncio.Event()
    running = asyncio.create_task(one.until(stop))

    async def twice() -> bool:
        await scene.clock.forward(TURN_S)
        return await begun(scene) == 2

    await eventually(twice, what="the work that comes round has come round")
    stop.set()
    await asyncio.wait_for(running, 20)


async def test_whoever_is_alone_leads_without_a_lease(scene: Scene) -> None:
    one, stop = made(scene, "a", alone=True), asyncio.Event()
    running = asyncio.create_task(one.until(stop))
    await eventually(lambda: one.leads)
    await scene.clock.forward(TURN_ALONE_S)
    stop.set()
    await asyncio.wait_for(running, 20)
    names = await scene.db.read(lambda conn: list(conn.execute(select(leases.c.name)).scalars()))
    assert names == ["flag_late"]


async def test_a_worker_that_stops_lets_another_lead_while_its_jobs_end(scene: Scene, worker: Make) -> None:
    await scene.add("a")
    began, go = asyncio.Event(), asyncio.Event()

    async def run(_: DeleteStored) -> None:
        began.set()
        await go.wait()

    stop = asyncio.Event()
    running = asyncio.create_task(scene.worker(run, name="old").run(stop))
    await began.wait()
    await eventually(lambda: leader_is(scene, "old"))
    stop.set()
    await eventually(lambda: leader_is(scene, None))
    assert await who_leads([worker("new")]) == [0]
    go.set()
    await asyncio.wait_for(running, 20)
    assert await leader_is(scene, "new")


async def leader_is(scene: Scene, name: str | None) -> bool:
    lease = select(leases.c.owner).where(leases.c.name == "leader", leases.c.until > scene.clock.now())
    return await scene.db.read(lambda conn: conn.execute(lease).scalar()) == name
