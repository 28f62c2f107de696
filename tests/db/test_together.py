"""Group commit: one transaction for what waits when it begins, and each item as if it had been alone."""

import asyncio
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from reelhook.db import Database, Tx
from reelhook.db.tables import marks
from reelhook.db.together import Together
from reelhook.errors import DatabaseUnavailable


class Names:
    """Stores names, answers each with itself, and keeps what came together."""

    def __init__(self, db: Database, **options: float) -> None:
        self.batches: list[list[str]] = []
        self.together = Together(db, self._add, name="names", most=3, weigh=len, **options)  # type: ignore[arg-type]

    def _add(self, tx: Tx, names: Sequence[str]) -> list[str]:
        self.batches.append(list(names))
        for name in names:
            tx.execute(insert(marks), {"name": name, "value": "x"})
        return list(names)

    async def put(self, *names: str) -> list[object]:
        return list(await asyncio.gather(*map(self.together.put, names), return_exceptions=True))


@pytest.fixture
def names(db: Database) -> Names:
    return Names(db)


async def stored(db: Database) -> set[str]:
    return await db.read(lambda conn: set(conn.execute(select(marks.c.name)).scalars()))


@asynccontextmanager
async def busy(db: Database) -> AsyncIterator[None]:
    """Every writer has work until the end."""
    begun, go_on = threading.Semaphore(0), threading.Event()

    def work(_: Tx) -> None:
        begun.release()
        assert go_on.wait(20)

    running = [asyncio.create_task(db.write(work)) for _ in range(db.writers)]
    for _ in running:
        assert await asyncio.to_thread(begun.acquire, timeout=20)
    try:
        yield
    finally:
        go_on.set()
        await asyncio.gather(*running)


async def begins_to_wait(names: Names, name: str) -> asyncio.Future[str]:
    """Put *name*, and give its transaction time to stand before the writers."""
    future = names.together.put(name)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return future


async def test_a_batch_is_drawn_when_its_transaction_begins(db: Database, names: Names) -> None:
    async with busy(db):
        first = await begins_to_wait(names, "a")
        later = [names.together.put(name) for name in ("b", "c", "d")]
    assert await asyncio.gather(first, *later) == ["a", "b", "c", "d"]
    assert names.batches == [["a", "b", "c"], ["d"]]
    assert await stored(db) == set("abcd")


async def test_a_bad_one_refuses_only_itself(db: Database, names: Names) -> None:
    await names.put("b")
    async with busy(db):
        putting = asyncio.create_task(names.put("a", "b", "c"))
        await asyncio.sleep(0)
    answers = await putting
    assert (answers[0], answers[2]) == ("a", "c")
    assert isinstance(answers[1], IntegrityError)
    assert answers[1].__traceback__ is not None, "errors are grouped by where they come from"
    assert await stored(db) == set("abc")
    assert names.batches[1:] == [["a", "b", "c"], ["a"], ["b"], ["c"]]


async def test_what_is_taken_back_is_not_committed(db: Database, names: Names) -> None:
    async with busy(db):
        first = await begins_to_wait(names, "a")
        first.cancel()
        second = names.together.put("b")
    assert await second == "b"
    assert names.batches == [["b"]]


async def test_all_are_refused_while_no_transaction_begins_and_none_is_committed_later(db: Database) -> None:
    names = Names(db, limit_s=0.1)
    async with busy(db):
        answers = await names.put("a", "b")
        assert [type(answer) for answer in answers] == [DatabaseUnavailable] * 2
        assert answers[0] is not answers[1], "a shared error would grow a traceback with each"
    assert await names.put("c") == ["c"]
    assert names.batches == [["c"]]


async def test_each_who_is_refused_hears_what_the_room_says(db: Database) -> None:
    told: list[int] = []

    def refusal(error: Exception, many: int) -> Exception:
        told.append(many)
        return DatabaseUnavailable(f"not now: {type(error).__name__}")

    names = Names(db, refusal=refusal, limit_s=0.1)  # type: ignore[arg-type]
    async with busy(db):
        answers = await names.put("a", "b")
    assert {str(answer) for answer in answers} == {"not now: DatabaseUnavailable"}
    assert told == [2]


async def test_it_knows_what_waits_and_waits_for_it(db: Database, names: Names) -> None:
    async with busy(db):
        waiting = [names.together.put(name) for name in ("a", "bcd")]
        assert (len(names.together), names.together.weight) == (2, 4)
        closing = asyncio.create_task(names.together.close())
        await asyncio.sleep(0)
        assert not closing.done()
    await closing
    assert all(one.done() for one in waiting)
    assert (len(names.together), names.together.weight) == (0, 0)


@pytest.mark.parametrize("at_once", [1, 2])
async def test_so_many_transactions_are_on_their_way(db: Database, at_once: int) -> None:
    names = Names(db, at_once=at_once)
    async with busy(db):
        waiting = [names.together.put(str(number)) for number in range(9)]
        mine = [task for task in asyncio.all_tasks() if task.get_name() == "names"]
        assert len(mine) == at_once
    await asyncio.gather(*waiting)
    assert len(await stored(db)) == 9
