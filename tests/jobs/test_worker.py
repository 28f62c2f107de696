"""The worker: what becomes of a job in every way that an attempt can end."""

import asyncio
from typing import NoReturn

import pytest
from sqlalchemy import update

from reelhook.db import Tx
from reelhook.db.tables import jobs
from reelhook.errors import DatabaseUnavailable, Unavailable, WrongInput
from reelhook.jobs import Effect, Failure, Postpone, RetryPolicy
from reelhook.jobs import worker as workers
from reelhook.jobs.kinds import DeleteStored, FlagLate
from tests.conftest import eventually
from tests.jobs.acts import first, forever, idle, raising
from tests.jobs.scene import Scene, effects, mark, outcomes, rows, states


async def test_jobs_are_done_and_their_effects_committed_with_them(scene: Scene) -> None:
    await scene.add("a", "b", "c")
    async with scene.running(scene.worker(slots=2)):
        for name in ("a", "b", "c"):
            await scene.until(name, "done")
    assert await effects(scene.db) == ["a", "b", "c"]
    assert await outcomes(scene.db) == [(1, "done")] * 3


async def test_work_added_later_is_taken_at_once(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "POLL_S", 60)  # only a wake-up can bring it in time
    async with scene.running(scene.worker()):
        await asyncio.sleep(0)
        await scene.add("a")
        await scene.until("a", "done")


async def test_a_slot_that_becomes_free_is_used_at_once(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "POLL_S", 60)
    await scene.add("a", "b", "c")
    async with scene.running(scene.worker(slots=1)):
        await scene.until("c", "done")


async def test_room_for_slow_work_is_used_at_once(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "POLL_S", 60)
    monkeypatch.setattr(DeleteStored, "slow", True)
    await scene.add("a", "b", "c")
    async with scene.running(scene.worker(slots=2)):  # one of them for slow work
        await scene.until("c", "done")


async def test_no_more_jobs_run_at_once_than_there_are_slots(scene: Scene) -> None:
    inside = most = 0

    async def run(_: DeleteStored) -> None:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        await asyncio.sleep(0.01)
        inside -= 1

    await scene.add(*(f"j{number}" for number in range(9)))
    async with scene.running(scene.worker(run, slots=3)):
        for number in range(9):
            await scene.until(f"j{number}", "done")
    assert most == 3


async def test_an_effect_that_fails_takes_its_job_back_with_it(scene: Scene) -> None:
    tries = 0

    def effect(tx: Tx) -> None:
        nonlocal tries
        tries += 1
        mark(f"try {tries}")(tx)
        if tries == 1:
            raise ValueError("the effect is broken")

    async def run(_: DeleteStored) -> Effect:
        return effect

    await scene.add("a")
    async with scene.running(scene.worker(run)):
        await scene.until("a", "retryable")
        assert await effects(scene.db) == []
        assert (await rows(scene.db))["a"].error["message"] == "ValueError: the effect is broken"
        scene.clock.move(1)
        await scene.until("a", "done")
    assert await effects(scene.db) == ["try 2"]
    assert await outcomes(scene.db) == [(1, "retryable"), (2, "done")]


async def test_a_temporary_error_waits_and_a_permanent_one_needs_a_person(scene: Scene) -> None:
    dead: list[Failure] = []

    async def run(work: DeleteStored) -> NoReturn:
        if work.location == "temporary":
            raise Unavailable("later", retry_after_s=40)
        raise WrongInput("never")

    await scene.add("temporary", "permanent")
    async with scene.running(scene.worker(run, on_dead=lambda tx, work, failure: dead.append(failure))):
        await scene.until("permanent", "dead")
        await scene.until("temporary", "retryable")
    found = await rows(scene.db)
    assert (found["temporary"].run_at - scene.clock.now()).total_seconds() == 40
    assert dead == [Failure("wrong_input", "never", False)]
    assert found["permanent"].error == {
        "code": "wrong_input",
        "message": "never",
        "retryable": False,
        "remedy": "none",
    }


async def test_when_all_attempts_are_used_on_dead_commits_with_the_end(scene: Scene) -> None:
    def on_dead(tx: Tx, work: DeleteStored, failure: Failure) -> None:
        mark(f"{work.location} died of {failure.code}")(tx)

    await scene.add("a")
    worker = scene.worker(raising(Unavailable("no")), on_dead=on_dead, policy=RetryPolicy(2, 1, 1))
    async with scene.running(worker):
        await scene.until("a", "retryable")
        assert await effects(scene.db) == []
        scene.clock.move(1)
        await scene.until("a", "dead")
    assert await effects(scene.db) == ["a died of unavailable"]
    assert await outcomes(scene.db) == [(1, "retryable"), (2, "dead")]


async def test_a_broken_on_dead_cannot_keep_a_job_alive(scene: Scene) -> None:
    def on_dead(tx: Tx, work: DeleteStored, failure: Failure) -> None:
        mark("half")(tx)
        raise KeyError("broken")

    await scene.add("a", "b")
    async with scene.running(scene.worker(raising(WrongInput("no")), on_dead=on_dead)):
        await scene.until("a", "dead")
        await scene.until("b", "dead")
    assert await effects(scene.db) == []
    assert (await rows(scene.db))["a"].error["code"] == "wrong_input"


class Strange(BaseException):
    """Neither an Exception nor a signal."""


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ValueError("poison"), "unexpected"),
        (ExceptionGroup("many", [ValueError()]), "unexpected"),
        (Strange("poison"), "unexpected"),
        (SystemExit(3), "unexpected"),
        (TimeoutError("the handler's own"), "unexpected"),
        (asyncio.CancelledError(), "cancelled"),
        (DatabaseUnavailable("while it ran"), "database_unavailable"),
        (ValueError("\ud800\x00"), "unexpected"),
    ],
)
async def test_poison_stops_no_other_job(scene: Scene, error: BaseException, code: str) -> None:
    async def run(work: DeleteStored) -> Effect | None:
        if work.location == "poison":
            raise error
        return mark(work.location)

    await scene.add("poison", "a", "b")
    async with scene.running(scene.worker(run, slots=1)):
        await scene.until("b", "done")
        await scene.until("poison", "retryable")
    assert (await rows(scene.db))["poison"].error["code"] == code
    assert await effects(scene.db) == ["a", "b"]


async def test_an_attempt_has_a_limit(scene: Scene) -> None:
    await scene.add("a")
    async with scene.running(scene.worker(forever, limit_s=0.02)):
        await scene.until("a", "retryable")
    assert (await rows(scene.db))["a"].error["message"] == "the attempt did not end within 0.02 s"


async def test_a_payload_that_cannot_be_read_is_tried_again_and_then_dead(scene: Scene) -> None:
    await scene.add("a", "b")
    await scene.db.write(
        lambda tx: tx.execute(update(jobs).where(jobs.c.id == first(tx)).values(payload={"location": "a", "new": 1}))
    )
    worker = scene.worker(policy=RetryPolicy(2, 1, 1), on_dead=lambda *_: pytest.fail("nothing to call it with"))
    async with scene.running(worker):
        await scene.until("b", "done")
        await scene.until("a", "retryable")
        scene.clock.move(1)
        await scene.until("a", "dead")
    assert (await rows(scene.db))["a"].error["code"] == "unreadable_work"


async def test_postponing_costs_no_attempt(scene: Scene) -> None:
    asked = 0

    async def run(work: DeleteStored) -> Effect:
        nonlocal asked
        asked += 1
        if asked < 5:
            raise Postpone(7, "not yet")
        return mark("at last")

    await scene.add("a")
    async with scene.running(scene.worker(run, policy=RetryPolicy(attempts=1))):
        for number in range(1, 5):
            await scene.until("a", "available")
            await eventually(lambda number=number: asked == number)  # type: ignore[misc]
            await eventually(lambda: idle(scene))
            scene.clock.move(7)
        await scene.until("a", "done")
    assert await outcomes(scene.db) == [(1, "postponed"), (1, "done")]


async def test_slow_work_leaves_slots_free_for_quick_work(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """A row of long downloads must not hold up the events that come in meanwhile."""
    monkeypatch.setattr(DeleteStored, "slow", True)
    await scene.add(*"abcdefgh")
    async with scene.running(scene.worker(forever, slots=4, drain_s=0.1)):

        async def taken() -> bool:
            return list((await states(scene.db)).values()).count("running") == 3

        await eventually(taken)
        await scene.db.write(lambda tx: scene.queue.add(tx, FlagLate()))
        await scene.until("flag_late", "done")
        assert await taken()


async def test_the_only_slot_is_for_slow_work_too(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DeleteStored, "slow", True)
    await scene.add("a")
    async with scene.running(scene.worker(slots=1)):
        await scene.until("a", "done")
