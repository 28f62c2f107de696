"""An inbox on a real database, and ways to make its commits slow or impossible."""

import asyncio
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import structlog
from sqlalchemy import Table, func, select, text
from sqlalchemy.exc import OperationalError

from reelhook.db import Database, Tx
from reelhook.db.schema import prepare
from reelhook.inbox import Arrival, Inbox, store
from reelhook.jobs import Queue
from reelhook.kit.ids import Ids
from tests.conftest import START, StillClock
from tests.servers import database_url, postgres, prepared_file

__all__ = ["database_url", "postgres", "prepared_file"]  # the whole room is proven on both databases


def arrival(body: bytes = b"{}", **other: Any) -> Arrival:
    values: dict[str, Any] = {
        "endpoint": "heygen",
        "source": "webhook",
        "headers": ((b"content-type", b"application/json"),),
        "received_at": START,
        "type": "avatar_video.success",
    }
    return Arrival(body=body, **(values | other))


class Rows:
    """Looks into the tables."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def of(self, table: Table) -> list[Any]:
        order = next(iter(table.primary_key.columns))
        return await self._db.read(lambda conn: list(conn.execute(select(table).order_by(order))))

    async def count(self, table: Table) -> int:
        return await self._db.read(lambda conn: conn.execute(select(func.count()).select_from(table)).scalar_one())


class Gate:
    """Stands before every commit of the inbox; counts the batches that came to it."""

    def __init__(self) -> None:
        self.sizes: list[int] = []
        self._open = threading.Event()

    def open(self) -> None:
        self._open.set()

    def pass_through(self, *args: Any) -> Any:
        self.sizes.append(len(args[1]))
        assert self._open.wait(20), "the test never opened the gate"
        return COMMIT(*args)


COMMIT = store.commit


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    made = Gate()
    monkeypatch.setattr(store, "commit", made.pass_through)
    yield made
    made.open()


class Breaker:
    """Makes every commit of the inbox fail at its very end."""

    def __init__(self, db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        self._db, self._monkeypatch = db, monkeypatch

    def on(self) -> None:
        if self._db.is_sqlite:  # the disk is full
            pages = self._db.write_now(lambda tx: tx.execute(text("PRAGMA page_count")).scalar_one())
            self._db.write_now(lambda tx: tx.execute(text(f"PRAGMA max_page_count={pages}")).scalar_one())
        else:
            self._monkeypatch.setattr(store, "commit", _commit_and_lose_the_connection)

    def off(self) -> None:
        if self._db.is_sqlite:
            self._db.write_now(lambda tx: tx.execute(text("PRAGMA max_page_count=100000")).scalar_one())
        else:
            self._monkeypatch.setattr(store, "commit", COMMIT)


def _commit_and_lose_the_connection(tx: Tx, *rest: Any) -> Any:
    receipts = COMMIT(tx, *rest)
    with suppress(OperationalError):
        tx.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
    return receipts


@pytest.fixture
def breaker(db: Database, monkeypatch: pytest.MonkeyPatch) -> Breaker:
    return Breaker(db, monkeypatch)


@pytest.fixture
def no_poison(db: Database) -> None:
    """The database refuses events of the type `poison`, as it would refuse a row with a fault."""
    before = "CREATE TRIGGER no_poison BEFORE INSERT ON events"
    if db.is_sqlite:
        made = [f"{before} WHEN NEW.type = 'poison' BEGIN SELECT RAISE(ABORT, 'poison'); END"]
    else:
        raising = "BEGIN RAISE EXCEPTION 'poison'; END"
        made = [
            f"CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ {raising} $$",
            f"{before} FOR EACH ROW WHEN (NEW.type = 'poison') EXECUTE FUNCTION refuse()",
        ]
    for statement in made:
        db.write_now(lambda tx, statement=statement: tx.execute(text(statement)).close())


@pytest.fixture(autouse=True)
def plain_logs() -> Iterator[None]:
    """Without this structlog draws every traceback in boxes, and takes a second for each."""
    before = structlog.get_config()
    structlog.configure(processors=[structlog.processors.KeyValueRenderer()])
    yield
    structlog.configure(**before)


@pytest.fixture(scope="module")
def own() -> Iterator[Database]:
    """A database for the many examples of a property, each of which empties it first."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'own.db'}")
        database.migrate(prepare)
        yield database
        database.close()


@pytest.fixture
def queue(clock: StillClock, ids: Ids) -> Queue:
    return Queue(clock, ids)


@pytest.fixture
def inbox(db: Database, ids: Ids, queue: Queue) -> Inbox:
    return Inbox(db, ids, queue)


@pytest.fixture
def rows(db: Database) -> Rows:
    return Rows(db)


@pytest.fixture
def commit(db: Database, ids: Ids, queue: Queue) -> Callable[..., Any]:
    """Commits the given arrivals as one batch."""

    async def run(*arrivals: Arrival) -> Any:
        return await db.write(lambda tx: store.commit(tx, arrivals, ids, queue))

    return run


async def settled(*work: Any) -> list[Any]:
    """What came of all of them, errors included."""
    return await asyncio.gather(*work, return_exceptions=True)
