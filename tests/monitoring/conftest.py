"""What looks at a database runs on both of ours."""

import io
import logging
import sys
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
import structlog

from reelhook import logs
from reelhook.db import Database
from reelhook.kit.ids import Ids
from tests.conftest import StillClock
from tests.monitoring.scene import Scene
from tests.servers import database_url, postgres, prepared_file

__all__ = ["database_url", "postgres", "prepared_file"]


@pytest.fixture
def scene(db: Database, clock: StillClock, ids: Ids) -> Scene:
    return Scene(db, clock, ids)


@pytest.fixture
def configured_logs(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Logs as a process has them, for as long as the test lasts: who listens to them hears nothing else."""
    root, before = logging.getLogger(), structlog.get_config()
    handlers, level = root.handlers[:], root.level
    monkeypatch.setattr(logs, "sys", SimpleNamespace(stderr=io.StringIO(), exc_info=sys.exc_info))
    logs.configure("json")
    structlog.configure(cache_logger_on_first_use=False)  # or loggers would write there after this test, too
    yield
    root.handlers[:], root.level = handlers, level
    structlog.configure(**before)
