"""All sweeps on a database in which everything grows: each batch along an index, and the file stays as it is."""

import shutil
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import func, select

from reelhook.db import Database
from reelhook.db import tables as t
from reelhook.jobs.kinds import Prune
from reelhook.kit.ids import Ids
from reelhook.retention import PruneHandler, sweeps
from reelhook.settings import Settings
from tests.conftest import StillClock
from tests.plans import explained
from tests.sweeping import swept

from .world import GROWING, World, much_later


def counts(db: Database) -> dict[str, int]:
    queries = {table.name: select(func.count()).select_from(table) for table in GROWING}
    return db.write_now(lambda tx: {name: tx.execute(query).scalar_one() for name, query in queries.items()})


def test_nothing_is_kept_for_ever(prepared: Database, clock: StillClock, ids: Ids) -> None:
    World(prepared, ids, clock.now()).round(5, clock.now())
    assert set(counts(prepared).values()) == {5}
    assert swept(prepared, sweeps(Settings(), clock.now())) == {}
    swept(prepared, sweeps(Settings(), much_later(clock.now())), most=2)
    assert set(counts(prepared).values()) == {0}


def test_every_table_that_grows_by_itself_is_swept(clock: StillClock) -> None:
    swept_tables = {sweep.table for sweep in sweeps(Settings(), clock.now())}
    # What people made, and a handful of rows.
    stay = {"videos", "assets", "people", "api_keys", "webhook_secrets", "leases", "marks"}
    stay |= {"subscription_endpoints", "subscription_secrets", "identities"}
    stay |= {"notification_preferences", "notification_settings", "muted_videos", "chat_destinations"}
    stay |= {"push_subscriptions", "push_keys", "rule_settings", "rule_readings", "store_limits"}
    go_along = {
        "job_attempts",
        "outgoing_deliveries",
        "outgoing_attempts",
        "notification_deliveries",
        "incident_entries",
    }  # with what they belong to
    assert swept_tables | stay | go_along == set(t.metadata.tables)
    assert not swept_tables & stay


def test_what_was_compared_with_heygen_goes_with_the_events(prepared: Database, clock: StillClock, ids: Ids) -> None:
    world = World(prepared, ids, clock.now())
    for days in (100, 80):
        world.write(t.reconciliations, 1, clock.now() - timedelta(days=days))
    assert swept(prepared, sweeps(Settings(), clock.now())) == {"reconciliations": 1}


@pytest.fixture
def sqlite(tmp_path: Path, prepared_file: Path) -> Iterator[Database]:
    shutil.copy(prepared_file, tmp_path / "own.db")
    database = Database(f"sqlite:///{tmp_path / 'own.db'}")
    yield database
    database.close()


def test_each_batch_walks_along_an_index(sqlite: Database, clock: StillClock, ids: Ids) -> None:
    """SQLite's planner knows no numbers of rows: what it does here it does with a million."""
    world = World(sqlite, ids, clock.now())
    world.round(5, clock.now())
    world.write(t.delivery_attempts, 5, clock.now(), event_id="gone")  # the others go along with their events
    for sweep in sweeps(Settings(), much_later(clock.now())):
        with explained(sqlite) as plans:
            assert swept(sqlite, [sweep], most=2)[sweep.table] > 0
        lines = [line for plan in plans for line in plan]
        assert len(plans) >= 3
        assert not [line for line in lines if "SCAN" in line or "TEMP" in line], (sweep.table, lines)


async def test_the_file_does_not_grow_when_what_is_old_goes(sqlite: Database, clock: StillClock, ids: Ids) -> None:
    """What is deleted makes room for what comes: without VACUUM, SQLite fills the free pages first."""
    world = World(sqlite, ids, clock.now())
    prune = PruneHandler(sqlite, clock, partial(sweeps, Settings()))
    pages = []
    for _ in range(8):
        world.round(200, clock.now())
        clock.move(timedelta(days=800).total_seconds())
        await prune(Prune())
        pages.append(sqlite.write_now(lambda tx: tx.conn.exec_driver_sql("PRAGMA page_count").scalar_one()))
    assert max(pages[2:]) <= pages[1] * 1.1, pages
    assert pages[-1] > 100, "there was something to free"
