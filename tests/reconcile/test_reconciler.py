"""Runs: one at a time, written down when they have something to tell, patient after trouble."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import update

from reelhook.db import Database
from reelhook.db.tables import leases
from reelhook.errors import DatabaseUnavailable, ReelhookError
from reelhook.heygen import HeyGenBusy, HeyGenUnauthorized
from reelhook.jobs import Postpone
from reelhook.reconcile import reconciler, records
from reelhook.reconcile.reconciler import NoApiKey, NotNow, Reconciler
from reelhook.reconcile.records import newest
from reelhook.reconcile.run import Kind, Look
from reelhook.reconcile.turns import Turns
from tests.conftest import StillClock, eventually
from tests.reconcile.scene import Scene


class Looks:
    """A kind of run that does what it is told."""

    def __init__(self) -> None:
        self.is_idle, self.asked, self.found = False, 0, 0
        self.error: Exception | None = None
        self.ran: list[Look] = []
        self.hold: asyncio.Event | None = None

    async def idle(self) -> bool:
        return self.is_idle

    async def __call__(self, look: Look) -> None:
        self.ran.append(look)
        look.asked, look.found = self.asked, self.found
        if self.hold is not None:
            await self.hold.wait()
        if self.error is not None:
            raise self.error


class Room:
    def __init__(self, scene: Scene) -> None:
        self.scene, self.looks, self.others = scene, Looks(), Looks()
        self.turns = Turns(scene.db, scene.clock, "us")
        kinds: dict[Kind, Any] = {Kind.VIDEOS: self.looks, Kind.STORES: self.others}
        self.reconciler = Reconciler(scene.db, scene.clock, self.turns, kinds)

    async def runs(self) -> list[Any]:
        return list(await self.scene.db.read(newest))


@pytest.fixture
def room(scene: Scene) -> Room:
    return Room(scene)


async def test_an_idle_run_asks_nobody_and_writes_nothing(room: Room) -> None:
    room.looks.is_idle = True
    await room.reconciler.scheduled(Kind.VIDEOS)
    assert (room.looks.ran, await room.runs()) == ([], [])


async def test_a_run_that_looked_at_nothing_writes_nothing(room: Room) -> None:
    await room.reconciler.scheduled(Kind.VIDEOS)
    assert (len(room.looks.ran), await room.runs()) == (1, [])


async def test_a_run_is_written_down(room: Room) -> None:
    room.looks.asked, room.looks.found = 3, 1
    await room.reconciler.scheduled(Kind.VIDEOS)
    (run,) = await room.runs()
    now = "2026-11-22T12:00:00.000Z"
    assert run == {
        "id": 1, "kind": "videos", "started_at": now, "ended_at": now, "asked": 3, "found": 1, "error": None,
        "report": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("error", "pause_s"),
    [
        (HeyGenBusy("busy", retry_after_s=900), 900),
        (HeyGenBusy("busy"), 120),
        (HeyGenUnauthorized("the key"), 1800),
        (Postpone(33.0, "HeyGen is down"), 120),
        (Postpone(333.0, "HeyGen is down"), 333),
    ],
)
async def test_trouble_is_written_down_and_waited_out(room: Room, error: Exception, pause_s: float) -> None:
    room.looks.error = error
    with pytest.raises(Postpone) as raised:
        await room.reconciler.scheduled(Kind.VIDEOS)
    assert raised.value.after_s == pause_s
    (run,) = await room.runs()
    assert run["error"]["message"] == str(error)


async def test_the_same_trouble_again_only_lasts_longer(room: Room) -> None:
    room.looks.error = HeyGenBusy("busy")
    for _ in range(3):
        with pytest.raises(Postpone):
            await room.reconciler.scheduled(Kind.VIDEOS)
        room.scene.clock.move(120)
    (run,) = await room.runs()
    assert (run["started_at"], run["ended_at"]) == ("2026-11-22T12:00:00.000Z", "2026-11-22T12:04:00.000Z")
    room.looks.error = HeyGenUnauthorized("the key")
    with pytest.raises(Postpone):
        await room.reconciler.scheduled(Kind.VIDEOS)
    room.looks.asked = 1
    with pytest.raises(Postpone):
        await room.reconciler.scheduled(Kind.VIDEOS)
    room.looks.asked = 0
    with pytest.raises(Postpone):
        await room.reconciler.scheduled(Kind.VIDEOS)
    assert len(await room.runs()) == 4


async def test_only_the_newest_runs_are_kept(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "KEPT", 30)
    room.looks.asked = 1
    for _ in range(32):
        await room.reconciler.scheduled(Kind.VIDEOS)
    assert len(await room.scene.runs()) == 30
    shown = await room.runs()
    assert (len(shown), shown[0]["id"]) == (20, 32)


async def test_a_database_that_is_away_is_no_run(room: Room) -> None:
    room.looks.error = DatabaseUnavailable("away")
    with pytest.raises(DatabaseUnavailable):
        await room.reconciler.scheduled(Kind.VIDEOS)
    room.looks.error = None
    await room.reconciler.requested([Kind.VIDEOS], mend=False)  # the turn was given back


async def test_a_run_that_takes_too_long_is_cut_short(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconciler, "RUN_LIMIT_S", 0.01)
    room.looks.hold = asyncio.Event()
    (run,) = await room.reconciler.requested([Kind.VIDEOS], mend=False)
    assert run["error"]["code"] == "took_too_long"
    room.looks.hold, room.looks.error = None, TimeoutError()
    with pytest.raises(TimeoutError):
        await room.reconciler.requested([Kind.VIDEOS], mend=False)


async def test_a_person_gets_every_kind_in_turn_and_the_whole_answer(room: Room) -> None:
    room.others.error = ReelhookError("no")
    runs = await room.reconciler.requested([Kind.STORES, Kind.VIDEOS], mend=True)
    assert [(run["kind"], run["error"] is None) for run in runs] == [("stores", False), ("videos", True)]
    assert [(look.thorough, look.mend) for look in (*room.looks.ran, *room.others.ran)] == [(True, True)] * 2
    assert len(await room.scene.runs()) == 2


async def test_without_a_key_heygen_cannot_be_asked(room: Room) -> None:
    assert room.reconciler.kinds == [Kind.VIDEOS, Kind.STORES]
    with pytest.raises(NoApiKey):
        await room.reconciler.requested([Kind.HISTORY], mend=False)


async def test_two_runs_of_a_kind_do_not_meet(room: Room) -> None:
    room.looks.hold = asyncio.Event()
    running = asyncio.create_task(room.reconciler.requested([Kind.VIDEOS], mend=False))
    await eventually(lambda: len(room.looks.ran) == 1)
    with pytest.raises(NotNow):
        await room.reconciler.requested([Kind.STORES, Kind.VIDEOS], mend=False)
    with pytest.raises(Postpone):
        await room.reconciler.scheduled(Kind.VIDEOS)
    await room.reconciler.scheduled(Kind.STORES)
    room.looks.hold.set()
    await running
    assert len(await room.reconciler.requested([Kind.STORES, Kind.VIDEOS], mend=False)) == 2


@pytest.fixture
def shared(scene: Scene) -> Database:
    """A database that several processes share."""
    if scene.db.is_sqlite:
        pytest.skip("SQLite's file belongs to one process")
    return scene.db


async def test_processes_take_turns(shared: Database, clock: StillClock) -> None:
    ours, theirs = Turns(shared, clock, "us"), Turns(shared, clock, "them")
    assert await ours.take([Kind.VIDEOS])
    assert not await theirs.take([Kind.STORES, Kind.VIDEOS])
    assert await theirs.take([Kind.STORES])  # which was not kept by the take that failed
    await theirs.give_back([Kind.VIDEOS])  # what is not theirs stays ours
    assert not await theirs.take([Kind.VIDEOS])
    await ours.give_back([Kind.VIDEOS])
    assert await theirs.take([Kind.VIDEOS])


async def test_a_dead_process_is_waited_for_no_longer_than_a_run_may_take(shared: Database, clock: StillClock) -> None:
    assert await Turns(shared, clock, "dead").take([Kind.VIDEOS])
    clock.move(301)
    assert await Turns(shared, clock, "us").take([Kind.VIDEOS])


async def test_a_lease_from_a_clock_that_was_set_back_holds_up_nobody(shared: Database, clock: StillClock) -> None:
    assert await Turns(shared, clock, "them").take([Kind.VIDEOS])
    clock.move(-7200)
    assert await Turns(shared, clock, "us").take([Kind.VIDEOS])


async def test_a_turn_survives_a_database_that_goes_away(
    shared: Database, clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns = Turns(shared, clock, "us")
    assert await turns.take([Kind.VIDEOS])

    async def away(*_: Any, **__: Any) -> None:
        raise DatabaseUnavailable("away")

    with monkeypatch.context() as patched:
        patched.setattr(shared, "write", away)
        await turns.give_back([Kind.VIDEOS])
        with pytest.raises(DatabaseUnavailable):
            await turns.take([Kind.VIDEOS])
    await shared.write(lambda tx: tx.execute(update(leases).values(until=clock.now())))
    assert await turns.take([Kind.VIDEOS])
