"""What tells people runs on both of our databases."""

from collections.abc import AsyncIterator

import pytest

from reelhook.db import Database
from reelhook.kit.ids import Ids
from tests.conftest import StillClock
from tests.notify.people.scene import Scene
from tests.servers import database_url, postgres, prepared_file

__all__ = ["database_url", "postgres", "prepared_file"]


@pytest.fixture
async def scene(db: Database, clock: StillClock, ids: Ids) -> AsyncIterator[Scene]:
    one = Scene(db, clock, ids)
    yield one
    one.room.close()
