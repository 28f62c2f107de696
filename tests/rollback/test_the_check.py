"""The check itself: an operation in two transactions does not pass it."""

import pytest

from reelhook.db.tables import job_attempts, jobs
from reelhook.jobs.kinds import FlagLate
from reelhook.videos import State
from tests.rollback.breaking import Breaker
from tests.videos.scene import Scene


async def test_an_operation_split_into_two_transactions_is_caught(scene: Scene, breaker: Breaker) -> None:
    video_id = scene.create(State.RENDERING)

    async def split() -> None:
        await scene.db.write(lambda tx: scene.lifecycle.transition(tx, video_id, State.RENDERED, "done"))
        await scene.db.write(lambda tx: scene.lifecycle.want_asset(tx, video_id, "video", "https://x"))

    with pytest.raises(AssertionError, match=r"broken at (BEGIN IMMEDIATE|SET LOCAL synchronous_commit = on)"):
        await breaker.in_turn(split)


async def test_a_row_left_behind_by_a_failure_is_caught(scene: Scene, breaker: Breaker) -> None:
    video_id = scene.create(State.RENDERING)

    async def careless() -> None:
        try:
            await scene.db.write(lambda tx: scene.lifecycle.transition(tx, video_id, State.RENDERED, "done"))
        except Exception:
            await scene.db.write(lambda tx: scene.lifecycle.note(tx, video_id, "sorry", "It did not work"))
            raise

    with pytest.raises(AssertionError, match="'timeline'"):
        await breaker.in_turn(careless)


async def test_an_announcement_of_what_was_rolled_back_is_caught(scene: Scene, breaker: Breaker) -> None:
    async def loud() -> None:
        try:
            await scene.db.write(lambda tx: scene.queue.add(tx, FlagLate()))
        except Exception:
            scene.db.announce({"jobs": []})
            raise

    with pytest.raises(AssertionError, match="announced, though broken"):
        await breaker.in_turn(loud)


async def test_an_operation_that_does_nothing_proves_nothing(scene: Scene, breaker: Breaker) -> None:
    async def idle() -> None:
        await scene.db.write(lambda tx: [tx.execute(table.select()).close() for table in (jobs, job_attempts)])

    with pytest.raises(AssertionError, match="it does nothing"):
        await breaker.in_turn(idle)
