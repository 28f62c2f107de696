"""A push service on loopback, whose clock is the tests' own; what is stored, on both of our databases."""

from collections.abc import AsyncIterator

import pytest

from reelhook.db import Database
from reelhook.kit.ids import Ids
from reelhook.kit.sealing import Sealer
from tests.conftest import StillClock
from tests.notify.push.scene import Scene
from tests.notify.push.service import PushService, pushing
from tests.servers import database_url, postgres, prepared_file

__all__ = ["database_url", "postgres", "prepared_file"]


@pytest.fixture
async def service(clock: StillClock) -> AsyncIterator[PushService]:
    async with pushing() as one:
        one.now = clock.now().timestamp()
        yield one


@pytest.fixture
async def scene(db: Database, clock: StillClock, ids: Ids, service: PushService) -> AsyncIterator[Scene]:
    one = Scene(db, clock, ids, service, Sealer(["a key"]))
    yield one
    await one.room.close()
