"""What the worker's tests share: handlers that end badly, a database that goes away, and ways to wait."""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import Any, NoReturn

import pytest

from reelhook.db import Tx
from reelhook.db.tables import jobs
from reelhook.errors import DatabaseUnavailable
from reelhook.jobs import Effect
from reelhook.jobs import worker as workers
from reelhook.jobs.kinds import DeleteStored
from tests.conftest import eventually
from tests.jobs.scene import Scene, states


async def forever(_: DeleteStored) -> Effect | None:
    await asyncio.Event().wait()
    raise AssertionError


def raising(error: BaseException) -> Callable[[DeleteStored], Any]:
    async def run(_: DeleteStored) -> NoReturn:
        raise error

    return run


def cut(scene: Scene, away: threading.Event, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the database refuse everything while *away* is set."""
    for name in ("_write", "_read"):

        def ask(work: Any, original: Any = getattr(scene.db, name)) -> Any:
            if away.is_set():
                raise DatabaseUnavailable("cut off", retry_after_s=1)
            return original(work)

        monkeypatch.setattr(scene.db, name, ask)


async def beat(scene: Scene) -> None:
    """Let one beat of the worker's care, and whoever else sleeps, come round and go to sleep again."""
    await eventually(lambda: scene.clock.sleepers > 0)
    sleepers = scene.clock.sleepers
    await scene.clock.forward(workers.BEAT_S)
    with contextlib.suppress(TimeoutError):  # some of them may have ended
        await eventually(lambda: scene.clock.asleep >= sleepers, within_s=1)


async def idle(scene: Scene) -> bool:
    return not [task for task in asyncio.all_tasks() if task.get_name().startswith("job-")]


async def no_attempt_left(scene: Scene) -> bool:
    await scene.clock.forward(1)
    return await idle(scene)


async def settled(scene: Scene) -> bool:
    return (await states(scene.db))["a"] in ("retryable", "dead")


def first(tx: Tx) -> str:
    return str(tx.execute(jobs.select().order_by(jobs.c.id).limit(1)).one().id)
