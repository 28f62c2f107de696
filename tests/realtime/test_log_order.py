"""P5 on Postgres: a reader that follows the log skips nothing, in whatever order transactions begin and commit."""

import asyncio
import threading
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import insert, select, text

from reelhook.db import Database, Tx
from reelhook.db.tables import stream
from reelhook.realtime.log import append, follow
from tests.conftest import START, eventually
from tests.servers import TEMPLATE, Postgres, postgres

__all__ = ["postgres"]

Append = Callable[[Tx], None]
LIMIT_S = 20.0


class Hold:
    """Stops one transaction in the moment before its COMMIT, when all it has to write is written."""

    def __init__(self) -> None:
        self._whose = 0
        self._reached, self._go_on = threading.Event(), threading.Event()

    def here(self) -> None:
        """The transaction of the calling thread is the one."""
        self._whose = threading.get_ident()

    def __call__(self, point: str) -> None:
        if point == "commit" and threading.get_ident() == self._whose:
            self._reached.set()
            assert self._go_on.wait(LIMIT_S)

    async def reached(self) -> None:
        assert await asyncio.to_thread(self._reached.wait, LIMIT_S)

    def release(self) -> None:
        self._go_on.set()


class Reader:
    """Follows the log as the hub does."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self.seen: list[int] = []

    async def read(self) -> None:
        last = self.seen[-1] if self.seen else 0
        self.seen += [update.id for update in await self._db.read(lambda conn: follow(conn, last, 100))]


@pytest.fixture
def hold() -> Hold:
    return Hold()


@pytest.fixture
def db(postgres: Postgres, hold: Hold) -> Iterator[Database]:
    database = Database(postgres.create(TEMPLATE), hold)
    yield database
    hold.release()
    database.close()


def ours(tx: Tx) -> None:
    append(tx, "video.updated", {}, at=START)


def without_the_lock(tx: Tx) -> None:
    """How a plain log would do it: the id comes from the sequence, whenever it is asked."""
    row = {"event": "video.updated", "data": "{}", "at": START}
    tx.at_end(lambda conn, rows: conn.execute(insert(stream), rows).close(), row)


async def overtaken(db: Database, hold: Hold, append: Append) -> tuple[list[int], list[int]]:
    """One has its id and stands before its COMMIT; another comes by. What a reader saw, and what there is."""
    reader = Reader(db)

    def first(tx: Tx) -> None:
        hold.here()
        append(tx)

    standing = asyncio.create_task(db.write(first, limit_s=LIMIT_S))
    await hold.reached()
    coming_by = asyncio.create_task(db.write(append, limit_s=LIMIT_S))

    async def stopped_or_through() -> bool:
        waiting = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        return coming_by.done() or bool(await db.read(lambda conn: conn.execute(waiting).scalar()))

    await eventually(stopped_or_through)
    await reader.read()
    hold.release()
    await asyncio.gather(standing, coming_by)
    await reader.read()
    return reader.seen, await db.read(
        lambda conn: list(conn.execute(select(stream.c.id).order_by(stream.c.id)).scalars())
    )


async def test_nobody_overtakes_one_that_has_its_id(db: Database, hold: Hold) -> None:
    seen, there = await overtaken(db, hold, ours)
    assert seen == there
    assert len(there) == 2


async def test_a_log_without_the_lock_would_be_caught(db: Database, hold: Hold) -> None:
    seen, there = await overtaken(db, hold, without_the_lock)
    assert seen == there[1:], "the reader has skipped the first for good"


async def test_who_begins_first_and_commits_last_has_the_later_id(db: Database) -> None:
    reader, begun, go_on = Reader(db), threading.Event(), threading.Event()

    def early(tx: Tx) -> None:
        ours(tx)
        tx.execute(select(stream.c.id))
        begun.set()
        assert go_on.wait(LIMIT_S)

    first = asyncio.create_task(db.write(early, limit_s=LIMIT_S))
    assert await asyncio.to_thread(begun.wait, LIMIT_S)
    await db.write(ours)
    await reader.read()
    assert len(reader.seen) == 1
    go_on.set()
    await first
    await reader.read()
    assert len(reader.seen) == 2
    assert reader.seen == sorted(reader.seen)
