"""What is particular to Postgres: durable writers, read-only readers, outages, and processes that start together."""

import asyncio
import signal
import sys
import threading

import pytest
from sqlalchemy import insert, select, text

from reelhook.db import Database, Tx
from reelhook.db.schema import head, prepare
from reelhook.db.tables import marks
from reelhook.errors import DatabaseUnavailable, WrongSetting
from tests.servers import Postgres


@pytest.fixture
def database_url(postgres: Postgres) -> str:
    return postgres.create("prepared")


def add(tx: Tx, name: str) -> None:
    tx.execute(insert(marks), {"name": name, "value": "x"})


async def test_the_writer_commits_durably_even_where_the_database_says_otherwise(
    postgres: Postgres, database_url: str
) -> None:
    name = database_url.rpartition("/")[2]
    postgres.run(f"ALTER DATABASE {name} SET synchronous_commit = off")
    database = Database(database_url)
    try:
        shown = await database.write(lambda tx: tx.execute(text("SHOW synchronous_commit")).scalar())
        assert shown == "on"
        assert await database.read(lambda conn: conn.execute(text("SHOW transaction_read_only")).scalar()) == "on"
    finally:
        database.close()


async def test_a_database_made_read_only_is_an_outage_that_passes(postgres: Postgres, database_url: str) -> None:
    name = database_url.rpartition("/")[2]
    postgres.run(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    database = Database(database_url)
    try:
        with pytest.raises(DatabaseUnavailable, match="read-only"):
            await database.write(lambda tx: add(tx, "a"))
        postgres.run(f"ALTER DATABASE {name} SET default_transaction_read_only = off")
        database._writer.dispose()  # the setting is read by new connections
        await database.write(lambda tx: add(tx, "a"))
    finally:
        database.close()


async def test_a_killed_server_is_an_outage_that_passes(postgres: Postgres, db: Database) -> None:
    await db.write(lambda tx: add(tx, "before"))
    postgres.stop(signal.SIGQUIT)
    with pytest.raises(DatabaseUnavailable):
        await db.write(lambda tx: add(tx, "during"))
    with pytest.raises(DatabaseUnavailable):
        await db.read(lambda conn: conn.execute(select(marks)))
    await asyncio.to_thread(postgres.start)
    await db.write(lambda tx: add(tx, "after"))
    found = await db.read(lambda conn: sorted(conn.execute(select(marks.c.name)).scalars()))
    assert found == ["after", "before"]


def test_processes_that_start_together_on_an_empty_database_take_turns(postgres: Postgres) -> None:
    url = postgres.create()
    started = threading.Barrier(4)
    found: list[str | BaseException] = []

    def start() -> None:
        database = Database(url)
        try:
            started.wait(10)
            found.append(database.migrate(prepare))
        except BaseException as error:  # noqa: BLE001
            found.append(error)
        finally:
            database.close()

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert found == [head()] * 4


def test_without_the_driver_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(WrongSetting, match=r"pip install 'reelhook\[postgres\]'"):
        Database("postgresql://127.0.0.1/x")
