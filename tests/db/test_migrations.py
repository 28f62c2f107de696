"""A new version is rolled out while the old one runs, so a migration adds first, and takes away a version later."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command, op
from alembic.config import Config
from alembic.script import Script, ScriptDirectory

from reelhook.db import Database, schema
from reelhook.errors import DatabaseUnavailable
from tests.db.expanding import complaints
from tests.servers import Postgres

# Released together with the first schema: no old code ever ran beside it, and no table was large.
BEFORE_THE_RULE = {"0002"}
REVISIONS = list(ScriptDirectory(str(schema.MIGRATIONS)).walk_revisions())


def migration(upgrade: Callable[[], Any], **attributes: str) -> ModuleType:
    made = ModuleType("migration")
    made.__dict__.update(attributes, upgrade=upgrade)
    return made


@pytest.mark.parametrize("script", REVISIONS, ids=lambda script: script.revision)
def test_every_migration_only_adds_or_says_which_code_it_needs(script: Script) -> None:
    assert complaints(script.module) == [] or script.revision in BEFORE_THE_RULE


BREAKS = {
    "drop a table": lambda: op.drop_table("seen"),
    "drop a column": lambda: op.drop_column("videos", "title"),
    "rename a column": lambda: op.alter_column("videos", "title", new_column_name="name"),
    "rename a table": lambda: op.rename_table("videos", "films"),
    "change a type": lambda: op.alter_column("videos", "title", type_=sa.Integer()),
    "forbid null": lambda: op.alter_column("videos", "title", nullable=False),
    "drop a default": lambda: op.alter_column("jobs", "deadline", server_default=None),
    "a column that must be filled": lambda: op.add_column("videos", sa.Column("x", sa.Integer(), nullable=False)),
    "a foreign key": lambda: op.create_foreign_key("k", "videos", "people", ["subject"], ["id"]),
    "a unique index": lambda: op.create_index("i", "videos", ["title"], unique=True, if_not_exists=True),
}
WAITS = {
    "an index": lambda: op.create_index("i", "events", ["type"]),
    "all rows": lambda: op.execute("UPDATE events SET replays = 0"),
    "a default for each row": lambda: op.add_column(
        "events", sa.Column("x", sa.Uuid(), nullable=False, server_default=sa.text("gen_random_uuid()"))
    ),
    "a locked table": lambda: op.execute("LOCK TABLE events"),
}
FINE = {
    "a table with its index": lambda: (
        op.create_table("more", sa.Column("x", sa.Integer(), nullable=False)),
        op.create_index("more_x", "more", ["x"], unique=True),
    ),
    "a column": lambda: op.add_column("videos", sa.Column("x", sa.Integer(), nullable=True)),
    "a filled column": lambda: op.add_column(
        "videos", sa.Column("x", sa.Integer(), nullable=False, server_default="0")
    ),
    "an index that may be there": lambda: op.create_index("i", "events", ["type"], if_not_exists=True),
    "a few rows": lambda: op.execute("UPDATE marks SET value = 'x' WHERE name = 'y'"),
}


@pytest.mark.parametrize("upgrade", (BREAKS | WAITS).values(), ids=(BREAKS | WAITS).keys())
def test_the_rule_sees_what_breaks_old_code_or_holds_a_lock(upgrade: Callable[[], Any]) -> None:
    assert complaints(migration(upgrade)) != []


@pytest.mark.parametrize("upgrade", FINE.values(), ids=FINE.keys())
def test_the_rule_lets_pass_what_only_adds(upgrade: Callable[[], Any]) -> None:
    assert complaints(migration(upgrade)) == []


@pytest.mark.parametrize("name", [*BREAKS, *WAITS])
def test_what_names_the_code_it_needs_may_take_away_but_hold_no_lock(name: str) -> None:
    found = complaints(migration((BREAKS | WAITS)[name], oldest_code="0003"))
    assert bool(found) == (name in WAITS)


def test_their_files_are_named_for_their_versions_in_order() -> None:
    """A start knows the versions by these names."""
    names = sorted(Path(script.path).name for script in REVISIONS)
    assert [name.partition("_")[0] for name in names] == [script.revision for script in reversed(REVISIONS)]
    assert schema.head() == REVISIONS[0].revision


def test_the_oldest_code_that_can_work_with_this_schema_is_known() -> None:
    assert schema.oldest_code() in {script.revision for script in REVISIONS}


@pytest.fixture
def database(postgres: Postgres) -> Iterator[Database]:
    one = Database(postgres.create("prepared"))
    yield one
    one.close()


def migrating(statement: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let *statement* be all that the next migration does."""

    def run(config: Config, _: str) -> None:
        config.attributes["connection"].execute(sa.text(statement)).close()

    monkeypatch.setattr(command, "upgrade", run)


async def test_a_migration_gives_up_rather_than_hold_everybody_up(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "LOCK_LIMIT_S", 1)
    migrating("ALTER TABLE videos ADD COLUMN more INTEGER", monkeypatch)
    reads, ended = threading.Event(), threading.Event()

    def read(conn: sa.Connection) -> None:
        conn.execute(sa.text("SELECT count(*) FROM videos")).close()
        reads.set()
        assert ended.wait(20)

    reading = asyncio.create_task(database.read(read))
    try:
        await asyncio.to_thread(reads.wait, 10)
        with pytest.raises(DatabaseUnavailable, match="more than 1 s, so nothing was migrated; run `reelhook migrate`"):
            await asyncio.to_thread(database.migrate, schema.upgrade)
    finally:
        ended.set()
        await reading
    assert await asyncio.to_thread(database.migrate, schema.upgrade) == schema.head()


def test_other_trouble_of_a_migration_keeps_its_own_words(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    migrating("SELECT pg_terminate_backend(pg_backend_pid())", monkeypatch)
    with pytest.raises(DatabaseUnavailable, match="terminating connection"):
        database.migrate(schema.upgrade)
