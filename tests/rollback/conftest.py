"""Everything here runs on both of our databases."""

import pytest

from reelhook.db import Database
from reelhook.kit.ids import Ids
from tests.archive.conftest import QuickClock
from tests.inbox.conftest import plain_logs
from tests.rollback.breaking import Breaker
from tests.servers import database_url, postgres, prepared_file
from tests.videos.scene import Scene

__all__ = ["database_url", "plain_logs", "postgres", "prepared_file"]


@pytest.fixture
def clock() -> QuickClock:
    return QuickClock()


@pytest.fixture
def scene(prepared: Database, clock: QuickClock, ids: Ids) -> Scene:
    return Scene(prepared, clock, ids)


@pytest.fixture
def breaker(scene: Scene) -> Breaker:
    return Breaker(scene.db)
