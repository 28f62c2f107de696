"""What is particular to SQLite: the pragmas, the one writer, and a file that is locked, full or read-only."""

import asyncio
import sqlite3
import threading
from pathlib import Path
from typing import get_args

import pytest
from sqlalchemy import event, insert, select

from reelhook.db import Database, Tx
from reelhook.db import connections as opening
from reelhook.db.schema import prepare
from reelhook.db.tables import marks
from reelhook.errors import DatabaseUnavailable
from reelhook.jobs import Queue
from reelhook.jobs.queries import Filter, State, counts, ids, listing
from reelhook.kit.clock import SystemClock
from reelhook.kit.ids import Ids
from reelhook.kit.pages import Page


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "reelhook.db"


@pytest.fixture
def database_url(path: Path) -> str:
    return f"sqlite:///{path}"


def add(tx: Tx, name: str, value: str = "x") -> None:
    tx.execute(insert(marks), {"name": name, "value": value})


async def names(db: Database) -> list[str]:
    return await db.read(lambda conn: sorted(conn.execute(select(marks.c.name)).scalars()))


def pragma(tx_or_conn: object, name: str) -> object:
    conn = tx_or_conn.conn if isinstance(tx_or_conn, Tx) else tx_or_conn
    return conn.exec_driver_sql(f"PRAGMA {name}").scalar()  # type: ignore[attr-defined]


def set_pragma(tx: Tx, assignment: str) -> None:
    tx.conn.exec_driver_sql(f"PRAGMA {assignment}")


async def test_the_writer_is_durable_and_the_readers_are_read_only(db: Database) -> None:
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000, "query_only": 0}
    assert await db.write(lambda tx: {name: pragma(tx, name) for name in wanted}) == wanted
    reading = {"journal_mode": "wal", "foreign_keys": 1, "busy_timeout": 5000, "query_only": 1}
    assert await db.read(lambda conn: {name: pragma(conn, name) for name in reading}) == reading


async def test_a_transaction_holds_the_write_lock_from_its_first_moment(db: Database, path: Path) -> None:
    def work(tx: Tx) -> None:
        with sqlite3.connect(path, timeout=0) as other, pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        other.close()

    await db.write(work)


async def test_there_is_one_writer_however_many_ask(db: Database) -> None:
    inside, most, lock = 0, 0, threading.Lock()

    def work(tx: Tx) -> int:
        nonlocal inside, most
        with lock:
            inside += 1
            most = max(most, inside)
        pragma(tx, "user_version")
        with lock:
            inside -= 1
        return threading.get_ident()

    threads = await asyncio.gather(*(db.write(work) for _ in range(50)))
    assert most == 1
    assert len(set(threads)) == 1


async def test_serials_are_never_given_out_twice(db: Database) -> None:
    tables = await db.read(
        lambda conn: dict(conn.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall())  # type: ignore[arg-type]
    )
    for name in ("delivery_attempts", "job_attempts", "timeline", "stream", "audit"):
        assert "AUTOINCREMENT" in tables[name], name


async def test_a_locked_file_is_an_outage_that_passes(db: Database, path: Path) -> None:
    await db.write(lambda tx: pragma(tx, "busy_timeout=20"))
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseUnavailable, match="database is locked") as refused:
        await db.write(lambda tx: add(tx, "a"))
    assert refused.value.retry_after_s
    assert await names(db) == [], "readers go on"
    other.execute("ROLLBACK")
    other.close()
    await db.write(lambda tx: add(tx, "a"))
    assert await names(db) == ["a"]


async def test_a_full_disk_is_an_outage_that_passes(db: Database) -> None:
    pages = await db.write(lambda tx: pragma(tx, "page_count"))
    await db.write(lambda tx: pragma(tx, f"max_page_count={pages}"))
    with pytest.raises(DatabaseUnavailable, match="full"):
        await db.write(lambda tx: [add(tx, f"n{number}", "x" * 4000) for number in range(100)])
    assert await names(db) == [], "nothing of it is left"
    await db.write(lambda tx: pragma(tx, "max_page_count=1000000"))
    await db.write(lambda tx: add(tx, "a"))
    assert await names(db) == ["a"]


async def test_a_read_only_database_is_an_outage_that_passes(db: Database) -> None:
    await db.write(lambda tx: set_pragma(tx, "query_only=ON"))
    with pytest.raises(DatabaseUnavailable, match="readonly"):
        await db.write(lambda tx: add(tx, "a"))
    await db.write(lambda tx: add(tx, "a"))  # on a connection that opened the file anew


def test_a_folder_that_is_not_there_is_an_outage_that_passes(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'later' / 'reelhook.db'}")
    with pytest.raises(DatabaseUnavailable, match="unable to open"):
        database.migrate(prepare)
    (tmp_path / "later").mkdir()
    database.migrate(prepare)
    database.close()


def test_a_file_that_no_connection_can_be_prepared_on_leaves_none_open(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    locked = sqlite3.connect(path, isolation_level=None)
    locked.execute("CREATE TABLE t (x)")
    locked.execute("BEGIN EXCLUSIVE")  # a rollback journal: nobody may even switch to WAL
    database = Database(f"sqlite:///{path}")
    monkeypatch.setattr(opening, "BUSY_TIMEOUT_MS", 20)
    with pytest.raises(DatabaseUnavailable, match="locked"):
        database.migrate(prepare)
    locked.execute("ROLLBACK")
    locked.execute("DROP TABLE t")
    locked.close()
    database.migrate(prepare)
    database.close()


async def test_a_writer_that_waits_for_its_connection_too_long_says_so(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db._writer.pool, "_timeout", 0.05)
    held = db._writer.connect()
    with pytest.raises(DatabaseUnavailable, match="QueuePool limit"):
        await db.write(lambda tx: add(tx, "a"))
    held.close()
    await db.write(lambda tx: add(tx, "a"))


@pytest.fixture
def asked(db: Database) -> list[str]:
    """The statements of the readers, with their values in them."""
    found: list[str] = []

    @event.listens_for(db._reader, "connect")
    def trace(dbapi: sqlite3.Connection, _: object) -> None:
        dbapi.set_trace_callback(found.append)

    return found


async def plan(db: Database, asked: list[str]) -> str:
    query = next(sql for sql in asked if sql.startswith("SELECT jobs."))
    steps = await db.read(lambda conn: conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}").fetchall())
    return "; ".join(step[3] for step in steps)


async def test_due_jobs_are_found_by_their_index_and_need_no_sorting(db: Database, asked: list[str]) -> None:
    """SQLite uses a partial index only when it sees that the query's condition implies the index's."""
    await db.read(Queue(SystemClock(), Ids()).any_due)
    steps = await plan(db, asked)
    assert "USING INDEX jobs_due" in steps
    assert "TEMP B-TREE" not in steps


@pytest.mark.parametrize("state", [state for state in get_args(State) if state != "done"])
async def test_rare_jobs_are_listed_without_reading_all_that_are_done(
    db: Database, asked: list[str], state: State
) -> None:
    await db.read(lambda conn: listing(conn, Page(), Filter(state)))
    assert "INDEX jobs_not_done" in await plan(db, asked)


@pytest.mark.parametrize("which", [Filter(code="busy"), Filter(discarded=True), Filter("dead", discarded=False)])
async def test_dead_letters_are_found_without_reading_all_that_is_done(
    db: Database, asked: list[str], which: Filter
) -> None:
    await db.read(lambda conn: ids(conn, which, before=None, limit=50))
    steps = await plan(db, asked)
    assert "INDEX jobs_not_done" in steps or "INDEX jobs_dead" in steps
    assert "TEMP B-TREE" not in steps


async def test_counting_jobs_does_not_read_those_that_are_done(db: Database, asked: list[str]) -> None:
    await db.read(counts)
    assert "INDEX jobs_not_done" in await plan(db, asked)
