"""Everything here runs on both of our databases."""

import pytest

from reelhook.db import Database
from reelhook.kit.ids import Ids
from tests.conftest import StillClock
from tests.servers import database_url, postgres, prepared_file
from tests.videos.scene import Scene

__all__ = ["database_url", "postgres", "prepared_file"]


@pytest.fixture
def scene(prepared: Database, clock: StillClock, ids: Ids) -> Scene:
    return Scene(prepared, clock, ids)
