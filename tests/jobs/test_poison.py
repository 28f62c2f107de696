"""Jobs that harm whoever runs them, all at once and with few slots: each dies alone, and everything else is done."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import update
from structlog.testing import capture_logs

from reelhook.db import Tx
from reelhook.db.tables import jobs
from reelhook.jobs import Effect, Failure, RetryPolicy
from reelhook.jobs.dead_letters import DeadLetters
from reelhook.jobs.kinds import DeleteStored
from tests.jobs.acts import forever
from tests.jobs.scene import Scene, do, effects, mark, rows, states

# What each has in its last words.
POISON = {
    "raises": ("unexpected", "ZeroDivisionError"),
    "exits": ("unexpected", "SystemExit"),
    "cancels": ("cancelled", "was cancelled"),
    "never ends": ("took_too_long", "did not end within"),
    "unreadable": ("unreadable_work", "cannot read the payload"),
    "breaks a constraint": ("unexpected", "IntegrityError"),
    "breaks on_dead": ("unexpected", "KeyError"),
    "refuses to be stored": ("unexpected", "TypeError"),
}
HEALTHY = [f"healthy {number}" for number in range(len(POISON))]


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Drawing so many stack traces takes longer than everything else here."""
    with capture_logs():
        yield


async def run(work: DeleteStored) -> Effect | None:
    match work.location:
        case "raises":
            return mark(str(1 // 0))
        case "exits":
            raise SystemExit(3)
        case "cancels":
            raise asyncio.CancelledError
        case "never ends":
            return await forever(work)
        case "breaks a constraint":
            return twice
        case "breaks on_dead":
            raise KeyError(work.location)
        case "refuses to be stored":
            return unstorable
    return await do(work)


def twice(tx: Tx) -> None:
    mark("left behind")(tx)
    mark("left behind")(tx)


def unstorable(tx: Tx) -> None:
    mark("left behind")(tx)
    tx.execute(update(jobs).values(payload={"a", "set"}))


def on_dead(tx: Tx, work: DeleteStored, failure: Failure) -> None:
    if work.location == "breaks on_dead":
        mark("left behind")(tx)
        raise RuntimeError("the end is broken as well")


async def poisoned(scene: Scene) -> None:
    """Poison and healthy work in turns, so that neither could be done before the other began."""
    await scene.add(*(name for pair in zip(POISON, HEALTHY, strict=True) for name in pair))
    spoilt = {"location": "unreadable", "of": "another version"}
    await scene.db.write(lambda tx: tx.execute(update(jobs).where(jobs.c.id == named(tx)).values(payload=spoilt)))


def named(tx: Tx) -> str:
    found = tx.execute(jobs.select()).fetchall()
    return next(str(row.id) for row in found if row.payload["location"] == "unreadable")


async def all_in(scene: Scene, names: Any, state: str) -> None:
    for name in names:
        await scene.until(name, state)


async def test_poison_dies_alone_and_everything_else_is_done(scene: Scene) -> None:
    await poisoned(scene)
    worker = scene.worker(run, on_dead=on_dead, policy=RetryPolicy(2, 1, 1), limit_s=0.05, slots=2)
    async with scene.running(worker):
        await all_in(scene, HEALTHY, "done")
        await all_in(scene, POISON, "retryable")
        scene.clock.move(1)
        await all_in(scene, POISON, "dead")
        await scene.add("later")
        await scene.until("later", "done")
    assert await effects(scene.db) == [*HEALTHY, "later"], "nothing of the poison's is left"
    found = await rows(scene.db)
    for name, (code, words) in POISON.items():
        error = found[name].error
        assert (error["code"], words in error["message"]) == (code, True), error
        assert (found[name].attempts, found[name].lease_owner) == (2, None)


async def test_poison_that_is_retried_dies_again_and_what_was_mended_is_done(scene: Scene) -> None:
    await poisoned(scene)
    policy = RetryPolicy(1, 1, 1)
    async with scene.running(scene.worker(run, on_dead=on_dead, policy=policy, limit_s=0.05, slots=2)):
        await all_in(scene, HEALTHY, "done")
        await all_in(scene, POISON, "dead")

    def retry_all(tx: Tx) -> list[str]:
        return DeadLetters(scene.clock).retry_each(tx, [row.id for row in tx.execute(jobs.select()).fetchall()])

    assert len(await scene.db.write(retry_all)) == len(POISON)
    mended = set(POISON) - {"unreadable"}  # which never came to its handler

    async def better(work: DeleteStored) -> Effect:
        return mark(work.location)

    async with scene.running(scene.worker(better, on_dead=on_dead, policy=policy)):
        await all_in(scene, mended, "done")
        await scene.until("unreadable", "dead")
    assert await effects(scene.db) == sorted([*HEALTHY, *mended])
    assert set((await states(scene.db)).values()) == {"done", "dead"}
