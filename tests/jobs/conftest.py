"""Everything here runs on both of our databases."""

import pytest

from reelhook.db import Database
from reelhook.jobs import worker as workers
from reelhook.kit.ids import Ids
from tests.conftest import StillClock
from tests.jobs.scene import Scene
from tests.servers import database_url, postgres, prepared_file

__all__ = ["database_url", "postgres", "prepared_file"]


@pytest.fixture
def scene(db: Database, clock: StillClock, ids: Ids) -> Scene:
    return Scene(db, clock, ids)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The poll is real time; the tests' own clock moves without waking the worker."""
    monkeypatch.setattr(workers, "POLL_S", 0.02)
