"""Everything here runs on both of our databases, and speaks to a real receiver on loopback."""

from collections.abc import AsyncIterator

import pytest

from reelhook.db import Database
from reelhook.kit.ids import Ids
from tests.conftest import StillClock
from tests.notify.webhook.receiver import Receiver, receiving
from tests.notify.webhook.scene import Scene
from tests.servers import database_url, postgres, prepared_file

__all__ = ["database_url", "postgres", "prepared_file"]


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as one:
        yield one


@pytest.fixture
async def scene(db: Database, clock: StillClock, ids: Ids, receiver: Receiver) -> AsyncIterator[Scene]:
    one = Scene(db, clock, ids, receiver)
    yield one
    await one.room.close()
