"""Everything here runs on both of our databases."""

from collections.abc import AsyncIterator

import httpx2
import pytest

from reelhook.db import Database
from reelhook.jobs import worker as workers
from reelhook.kit.ids import Ids
from tests.conftest import StillClock
from tests.jobs.api import Caller, client
from tests.jobs.scene import Scene
from tests.servers import database_url, postgres, prepared_file

__all__ = ["database_url", "postgres", "prepared_file"]


@pytest.fixture
def scene(db: Database, clock: StillClock, ids: Ids) -> Scene:
    return Scene(db, clock, ids)


@pytest.fixture
def caller(scene: Scene) -> Caller:
    return Caller(scene)


@pytest.fixture
async def http(caller: Caller) -> AsyncIterator[httpx2.AsyncClient]:
    async with client(caller) as asking:
        yield asking


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The poll is real time; the tests' own clock moves without waking the worker."""
    monkeypatch.setattr(workers, "POLL_S", 0.02)
