"""What looks at a database runs on both of ours."""

import pytest

from reelhook.db import Database
from reelhook.kit.ids import Ids
from tests.conftest import StillClock
from tests.monitoring.scene import Scene
from tests.servers import database_url, postgres, prepared_file

__all__ = ["database_url", "postgres", "prepared_file"]


@pytest.fixture
def scene(db: Database, clock: StillClock, ids: Ids) -> Scene:
    return Scene(db, clock, ids)
