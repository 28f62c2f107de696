"""A database with the schema in it, copied instead of migrated: most tests here want a new one, and soon."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from reelhook.db import Database
from reelhook.db.schema import prepare


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "reelhook.db"
    database = Database(f"sqlite:///{path}")
    database.migrate(prepare)
    database.close()
    return path


@pytest.fixture
def prepared(database_url: str, template: Path) -> Iterator[Database]:
    """As in the common conftest. A database on Postgres comes with its schema."""
    if database_url.startswith("sqlite:///"):
        shutil.copyfile(template, database_url.removeprefix("sqlite:///"))
    database = Database(database_url)
    yield database
    database.close()
