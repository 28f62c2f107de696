"""Two hubs of one installation, each with a bus of its own on one Redis: what one does, the other's browsers see."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest

from reelhook.auth.principal import of_token
from reelhook.db import Database
from reelhook.kit.ids import Ids
from reelhook.realtime import hub as hub_room
from tests.conftest import StillClock, eventually
from tests.ingest.serving import served
from tests.kit.buses import Processes, processes
from tests.redis_server import redis_server

from .browser import watching
from .conftest import Scene

__all__ = ["processes", "redis_server"]


@pytest.fixture
async def scenes(
    database_url: str, db: Database, clock: StillClock, ids: Ids, processes: Processes
) -> AsyncIterator[list[Scene]]:
    """Each has a connection of its own to one database."""
    one, two = await processes.ready(2)
    other = Database(database_url)
    made = [Scene(db, clock, ids, one.bus), Scene(other, clock, ids, two.bus)]
    async with AsyncExitStack() as stack:
        stack.callback(other.close)
        for scene in made:
            await stack.enter_async_context(scene.following())
        yield made


async def test_progress_reaches_browsers_on_the_other_server_and_only_those_who_may_see_it(
    scenes: list[Scene],
) -> None:
    here, there = scenes
    there.principal = of_token("ada", None, there.clock.now() + timedelta(hours=1))
    async with served(there.app) as port, watching(port) as ada:
        there.principal = of_token("bob", None, there.clock.now() + timedelta(hours=1))
        async with watching(port) as bob:
            await eventually(lambda: all(subscriber.live for subscriber in there.hub._all()))
            for done in (5, 10):
                here.hub.progress("v1", "ada", done, 10)
            assert [(await ada.frame()).data["bytes"] for _ in range(2)] == [5, 10]
            await here.write(video_id="v2", subject="bob")
            assert (await bob.frame()).id == 1


async def test_an_update_wakes_the_other_hub_before_its_next_look(
    scenes: list[Scene], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_room, "POLL_S", 3600.0)
    here, there = scenes
    # They may be in a wait that began before that; each turn begins one with the long limit.
    for scene in scenes:
        scene.hub.wake()
    await asyncio.sleep(0)
    async with served(there.app) as port, watching(port) as browser:
        for number in range(1, 6):
            await here.write()
            assert (await browser.frame()).id == number
