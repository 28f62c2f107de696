"""An inbox on a real database, and ways to make its commits slow or impossible."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import Table, func, select

from reelhook.db import Database
from reelhook.inbox import Arrival, Inbox, store
from reelhook.jobs import Queue
from reelhook.kit.ids import Ids
from tests.conftest import START, StillClock


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
