"""The migrations make exactly the tables that the code declares, and a wrong version is refused in words."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Column, Connection, Index, inspect, text
from sqlalchemy.schema import SchemaItem

from reelhook.db import Database, schema
from reelhook.db.tables import metadata
from tests.servers import Postgres


def comparable(item: SchemaItem, *_: object) -> bool:
    """Not indexes of expressions: alembic reads them back in other words, or not at all."""
    return not isinstance(item, Index) or all(isinstance(part, Column) for part in item.expressions)


@pytest.fixture(params=["sqlite", "postgres"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database with nothing in it."""
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path / 'empty.db'}")
    else:
        server: Postgres = request.getfixturevalue("postgres")
        database = Database(server.create())
    yield database
    database.close()


def tables(conn: Connection) -> list[str]:
    return inspect(conn).get_table_names()


def test_an_empty_database_is_filled(empty: Database) -> None:
    assert empty.migrate(schema.version) is None
    assert empty.migrate(schema.prepare) == schema.head()
    assert empty.migrate(schema.version) == schema.head()
    assert set(empty.migrate(tables)) == {*metadata.tables, "alembic_version"}


def test_a_current_database_is_left_alone(empty: Database) -> None:
    empty.migrate(schema.prepare)
    before = empty.migrate(definition)
    assert empty.migrate(schema.prepare) == schema.head()
    assert empty.migrate(schema.upgrade) == schema.head()
    assert empty.migrate(definition) == before


def test_a_failed_migration_leaves_nothing_behind(empty: Database) -> None:
    def half(conn: Connection) -> None:
        schema.upgrade(conn)
        raise RuntimeError("the plug was pulled")

    with pytest.raises(RuntimeError):
        empty.migrate(half)
    assert empty.migrate(tables) == []


def test_tables_that_are_not_ours_are_refused(empty: Database) -> None:
    empty.migrate(lambda conn: conn.execute(text("CREATE TABLE theirs (x INTEGER)")))
    with pytest.raises(schema.WrongSchema, match=r"has schema none of ours, .* run `reelhook migrate`"):
        empty.migrate(schema.prepare)


def test_a_newer_schema_is_refused_by_start_and_by_migrate(empty: Database) -> None:
    empty.migrate(schema.prepare)
    empty.migrate(
        lambda conn: conn.execute(text("UPDATE alembic_version SET version_num = '9999', oldest_code = '9999'"))
    )
    for way in (schema.prepare, schema.upgrade):
        with pytest.raises(schema.WrongSchema, match="9999, which is newer than this version; upgrade Reelhook"):
            empty.migrate(way)


NextVersion = Callable[..., None]


@pytest.fixture
def next_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> NextVersion:
    """Makes this the Reelhook that knows one migration more; `this_version` goes back."""
    folder = tmp_path / "100% new"  # a percent sign is special to Alembic's configuration
    ours = schema.MIGRATIONS

    def make(statement: str = "CREATE TABLE more (x INTEGER)", more: str = "") -> None:
        shutil.copytree(ours, folder, ignore=shutil.ignore_patterns("__pycache__"))
        (folder / "versions" / "9998_more.py").write_text(
            "from alembic import op\n"
            f"revision, down_revision = '9998', '{schema.head()}'\n{more}\n"
            f"def upgrade(): op.execute({statement!r})\n"
        )
        monkeypatch.setattr(schema, "MIGRATIONS", folder)

    return make


@pytest.fixture
def this_version(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    ours = schema.MIGRATIONS
    return lambda: monkeypatch.setattr(schema, "MIGRATIONS", ours)


def test_a_newer_schema_that_was_only_added_to_is_worked_with(
    empty: Database, next_version: NextVersion, this_version: Callable[[], None]
) -> None:
    empty.migrate(schema.prepare)
    next_version()
    empty.migrate(schema.upgrade)
    this_version()
    assert schema.head() != "9998"
    for way in (schema.prepare, schema.upgrade):
        assert empty.migrate(way) == "9998"
    assert "more" in empty.migrate(tables)


def test_a_newer_schema_that_took_something_away_is_refused(
    empty: Database, next_version: NextVersion, this_version: Callable[[], None]
) -> None:
    empty.migrate(schema.prepare)
    next_version("ALTER TABLE people DROP COLUMN role", "oldest_code = '9998'")
    empty.migrate(schema.upgrade)
    this_version()
    for way in (schema.prepare, schema.upgrade):
        with pytest.raises(schema.WrongSchema, match="9998, which is newer than this version; upgrade Reelhook"):
            empty.migrate(way)


def test_a_newer_schema_that_does_not_say_who_can_work_with_it_is_refused(empty: Database) -> None:
    empty.migrate(schema.prepare)
    for statement in (
        "UPDATE alembic_version SET version_num = '9999'",
        "ALTER TABLE alembic_version DROP oldest_code",
    ):
        empty.migrate(lambda conn, statement=statement: conn.execute(text(statement)).close())
    with pytest.raises(schema.WrongSchema, match="newer"):
        empty.migrate(schema.prepare)


def test_an_old_schema_stops_the_start_until_it_is_migrated(empty: Database, next_version: NextVersion) -> None:
    old = empty.migrate(schema.prepare)
    next_version()
    with pytest.raises(schema.WrongSchema, match=f"has schema {old}, this version needs 9998; run `reelhook migrate`"):
        empty.migrate(schema.prepare)
    assert "more" not in empty.migrate(tables)
    assert empty.migrate(schema.upgrade) == "9998"
    assert empty.migrate(schema.prepare) == "9998"
    assert "more" in empty.migrate(tables)


@pytest.mark.filterwarnings("ignore:.* expression-based index")
def test_alembic_finds_no_difference_between_migrations_and_tables(empty: Database) -> None:
    empty.migrate(schema.prepare)

    def differences(conn: Connection) -> list[Any]:
        options = {"compare_type": True, "compare_server_default": True, "include_object": comparable}
        return compare_metadata(MigrationContext.configure(conn, opts=options), metadata)

    assert empty.migrate(differences) == []


def test_what_alembic_does_not_compare_is_the_same_too(empty: Database) -> None:
    """Indexes of expressions, conditions of partial ones, AUTOINCREMENT, names of constraints, ON DELETE."""
    empty.migrate(schema.prepare)
    migrated = empty.migrate(definition)
    assert any("WHERE" in line for line in migrated)
    empty.migrate(metadata.drop_all)
    empty.migrate(metadata.create_all)
    assert empty.migrate(definition) == migrated


def definition(conn: Connection) -> list[str]:
    """The whole schema in the database's own words."""
    if conn.dialect.name == "sqlite":
        query = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'alembic%'"
        found = [re.sub(r"\s+", " ", line) for line in conn.execute(text(query)).scalars()]
    else:
        found = []
        for query in (
            "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'alembic_version'",
            "SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint "
            "WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text <> 'alembic_version'",
            "SELECT concat_ws(' ', table_name, column_name, data_type, character_maximum_length, is_nullable, "
            "column_default) FROM information_schema.columns WHERE table_schema = 'public' "
            "AND table_name <> 'alembic_version'",
        ):
            found += conn.execute(text(query)).scalars()
    return sorted(_without_order(line) for line in found)


def _without_order(line: str) -> str:
    """The order of columns and constraints says nothing: what a migration adds comes last."""
    if not line.startswith("CREATE TABLE"):
        return line
    head, _, rest = line.partition(" (")
    return f"{head} ({', '.join(sorted(part.strip() for part in re.split(r', (?![^(]*[)])', rest.removesuffix(')'))))}"


def test_the_second_schema_keeps_what_the_first_one_held(empty: Database) -> None:
    """Open jobs keep their order, and their stories stay with them."""

    def first(conn: Connection) -> None:
        config = Config()
        config.set_main_option("script_location", str(schema.MIGRATIONS))
        config.attributes["connection"] = conn
        command.upgrade(config, "0001")
        conn.execute(
            text("INSERT INTO jobs (id, kind, payload, state, run_at, attempts, fence, created_at) "
                 "VALUES ('j1', 'prune', '{}', 'retryable', 42, 1, 1, 7)")
        )  # fmt: skip
        conn.execute(
            text("INSERT INTO job_attempts (job_id, number, started_at, ended_at, outcome) "
                 "VALUES ('j1', 1, 7, 8, 'retryable')")
        )  # fmt: skip

    empty.migrate(first)
    assert empty.migrate(schema.upgrade) == schema.head()
    found = empty.migrate(lambda conn: conn.execute(text("SELECT id, run_at, deadline FROM jobs")).one())
    assert tuple(found) == ("j1", 42, 42)
    assert empty.migrate(lambda conn: conn.execute(text("SELECT count(*) FROM job_attempts")).scalar_one()) == 1
