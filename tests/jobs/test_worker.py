"""The worker: what becomes of a job in every way that an attempt can end."""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import Any, NoReturn

import pytest
from sqlalchemy import update

from reelhook.db import Tx
from reelhook.db.tables import jobs
from reelhook.errors import DatabaseUnavailable, ReelhookError, Unavailable, WrongInput
from reelhook.jobs import Effect, Failure, Handler, Postpone, RetryPolicy
from reelhook.jobs import runner as running_jobs
from reelhook.jobs import worker as workers
from reelhook.jobs.kinds import DeleteStored
from tests.conftest import eventually
from tests.jobs.scene import LEASE, Scene, effects, mark, outcomes, rows, states


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The poll is real time; the tests' own clock moves without waking the worker."""
    monkeypatch.setattr(workers, "POLL_S", 0.02)


async def forever(_: DeleteStored) -> Effect | None:
    await asyncio.Event().wait()
    raise AssertionError


def raising(error: BaseException) -> Callable[[DeleteStored], Any]:
    async def run(_: DeleteStored) -> NoReturn:
        raise error

    return run


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
    assert found["permanent"].error == {"code": "wrong_input", "message": "never", "retryable": False}


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
    assert await outcomes(scene.db) == [(1, "postponed")] * 4 + [(1, "done")]


async def test_stopping_while_idle_is_immediate(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "POLL_S", 60)
    stop = asyncio.Event()
    task = asyncio.create_task(scene.worker().run(stop))
    await asyncio.sleep(0.05)
    stop.set()
    await asyncio.wait_for(task, 2)


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
    await asyncio.wait_for(task, 5)
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
    await asyncio.wait_for(task, 5)
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
        await asyncio.wait_for(cancelled.wait(), 5)
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
    away, go = threading.Event(), asyncio.Event()

    async def run(work: DeleteStored) -> Effect:
        await go.wait()
        return mark("x")

    cut(scene, away, monkeypatch)
    await scene.add("a")
    async with scene.running(scene.worker(run)):
        await scene.until("a", "running")
        away.set()
        go.set()
        await eventually(lambda: no_attempt_left(scene), within_s=5)
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


async def test_a_failing_side_task_ends_the_worker_loudly(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> NoReturn:
        raise RuntimeError("the schedule is broken")

    monkeypatch.setattr(workers, "tick", broken)
    with pytest.raises(RuntimeError, match="the schedule is broken"):
        await asyncio.wait_for(scene.worker().run(asyncio.Event()), 5)


async def test_a_fault_in_the_claim_ends_the_worker_loudly(scene: Scene) -> None:
    worker = scene.worker()

    def broken(*_: object) -> NoReturn:
        raise RuntimeError("the claim is broken")

    worker.queue.any_due = broken  # type: ignore[method-assign]
    with pytest.raises(RuntimeError, match="the claim is broken"):
        await asyncio.wait_for(worker.run(asyncio.Event()), 5)


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


def cut(scene: Scene, away: threading.Event, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the database refuse everything while *away* is set."""
    for name in ("_write", "_read"):

        def ask(work: Any, original: Any = getattr(scene.db, name)) -> Any:
            if away.is_set():
                raise DatabaseUnavailable("cut off", retry_after_s=1)
            return original(work)

        monkeypatch.setattr(scene.db, name, ask)


async def beat(scene: Scene) -> None:
    """Let one beat of the worker's care, and whoever else sleeps, come round."""
    await scene.clock.forward(workers.BEAT_S)
    await asyncio.sleep(0.03)


async def idle(scene: Scene) -> bool:
    return not [task for task in asyncio.all_tasks() if task.get_name().startswith("job-")]


async def no_attempt_left(scene: Scene) -> bool:
    await scene.clock.forward(1)
    return await idle(scene)


async def settled(scene: Scene) -> bool:
    return (await states(scene.db))["a"] in ("retryable", "dead")


def first(tx: Tx) -> str:
    return str(tx.execute(jobs.select().order_by(jobs.c.id).limit(1)).one().id)
