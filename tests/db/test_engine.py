"""The way to the database: what a transaction promises, on both databases."""

import asyncio
import threading

import pytest
from sqlalchemy import Connection, insert, select, text
from sqlalchemy.exc import IntegrityError

from reelhook.db import Database, Tx
from reelhook.db.insert import insert_or_ignore
from reelhook.db.tables import marks
from reelhook.errors import DatabaseUnavailable
from tests.conftest import eventually


def put(name: str, value: str = "x") -> dict[str, str]:
    return {"name": name, "value": value}


def add(tx: Tx, name: str) -> None:
    tx.execute(insert(marks), put(name))


async def names(db: Database) -> set[str]:
    return await db.read(lambda conn: set(conn.execute(select(marks.c.name)).scalars()))


async def test_what_was_written_is_read(db: Database) -> None:
    assert await db.write(lambda tx: add(tx, "a") or "result") == "result"  # type: ignore[func-returns-value]
    assert await names(db) == {"a"}


async def test_what_is_told_after_the_commit_is_not_told_of_what_was_rolled_back(db: Database) -> None:
    told: list[str] = []

    def work(tx: Tx, name: str) -> None:
        tx.after_commit(lambda: told.append(name))
        add(tx, name)
        assert name not in told, "not before the commit"

    await db.write(lambda tx: work(tx, "a"))
    with pytest.raises(IntegrityError):
        await db.write(lambda tx: [work(tx, name) for name in ("b", "b")])
    assert told == ["a"]


async def test_work_that_raises_changes_nothing(db: Database) -> None:
    def work(tx: Tx) -> None:
        add(tx, "a")
        raise ValueError("changed my mind")

    with pytest.raises(ValueError, match="changed my mind"):
        await db.write(work)
    assert await names(db) == set()


async def test_a_reader_cannot_write(db: Database) -> None:
    with pytest.raises(DatabaseUnavailable, match=r"read-?only"):
        await db.read(lambda conn: conn.execute(insert(marks), put("a")))
    assert await names(db) == set()


async def test_a_fault_in_the_work_is_not_called_an_outage(db: Database) -> None:
    await db.write(lambda tx: add(tx, "a"))
    with pytest.raises(IntegrityError) as duplicate:
        await db.write(lambda tx: add(tx, "a"))
    assert "'x'" not in str(duplicate.value), "values must not get into logs"
    with pytest.raises(Exception, match="no_such_table") as missing:
        await db.write(lambda tx: tx.execute(text("INSERT INTO no_such_table VALUES (1)")))
    assert not isinstance(missing.value, DatabaseUnavailable)


async def test_a_timeout_of_the_works_own_stays_one(db: Database) -> None:
    def work(tx: Tx) -> None:
        raise TimeoutError("mine")

    with pytest.raises(TimeoutError, match="mine"):
        await db.write(work)


async def test_listeners_hear_of_a_commit_and_never_of_a_rollback(db: Database) -> None:
    heard: list[list[int]] = []
    db.on_commit("topic", heard.append)
    db.on_commit("other", lambda _: pytest.fail("nobody signalled this"))

    def signalling(tx: Tx) -> None:
        add(tx, "a")
        tx.signal("topic", 1, 2)
        tx.signal("topic", 3)
        assert heard == [], "before the commit"

    def failing(tx: Tx) -> None:
        tx.signal("topic", 4)
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011
        await db.write(failing)
    assert heard == []
    await db.write(signalling)
    assert heard == [[1, 2, 3]], "all of it at once, and before write returns"
    assert await names(db) == {"a"}


async def test_a_commit_that_came_too_late_for_its_waiter_is_still_announced(db: Database) -> None:
    heard, go = asyncio.Event(), threading.Event()
    db.on_commit("topic", lambda _: heard.set())

    def slow(tx: Tx) -> None:
        go.wait(10)
        add(tx, "late")
        tx.signal("topic")

    with pytest.raises(DatabaseUnavailable, match=r"within 0\.05 s") as refused:
        await db.write(slow, limit_s=0.05)
    assert refused.value.retry_after_s
    assert not heard.is_set()
    go.set()
    await asyncio.wait_for(heard.wait(), 20)
    assert await names(db) == {"late"}


async def test_a_reader_that_takes_too_long_is_not_waited_for(db: Database) -> None:
    go = threading.Event()
    with pytest.raises(DatabaseUnavailable):
        await db.read(lambda conn: go.wait(10), limit_s=0.02)
    go.set()


async def test_work_for_the_end_runs_last_and_in_its_order(db: Database) -> None:
    order: list[str] = []

    def work(tx: Tx) -> None:
        tx.at_end(lambda conn, _: order.append("first"), None)
        tx.at_end(lambda conn, _: order.append(f"second sees {len(list(conn.execute(select(marks))))}"), None)
        add(tx, "a")
        order.append("work")

    await db.write(work)
    assert order == ["work", "first", "second sees 1"]


async def test_what_is_done_later_is_done_once_with_all_rows_before_the_end(db: Database) -> None:
    seen: list[int] = []
    put_in = insert(marks)

    def count(conn: Connection) -> None:
        seen.append(len(list(conn.execute(select(marks)))))

    def work(tx: Tx) -> None:
        tx.at_end(lambda conn, _: count(conn), None)
        for name in "abc":
            tx.later(put_in, put(name))
        count(tx.conn)
        tx.flush()
        count(tx.conn)
        tx.later(put_in, put("d"))

    await db.write(work)
    assert seen == [0, 3, 4]


async def test_what_is_read_once_is_remembered_by_what_was_asked_until_the_transaction_ends(db: Database) -> None:
    asked: list[str] = []

    def read(conn: Connection, name: str) -> bool:
        asked.append(name)
        return conn.execute(select(marks).where(marks.c.name == name)).first() is not None

    def work(tx: Tx) -> list[bool]:
        return [tx.once(read, "a"), tx.once(read, "a"), tx.once(read, name="a"), tx.once(read, "b")]

    assert await db.write(work) == [False] * 4
    assert asked == ["a", "a", "b"]
    await db.write(lambda tx: add(tx, "a"))
    assert await db.write(lambda tx: tx.once(read, "a"))


async def test_what_fails_at_the_end_takes_everything_back(db: Database) -> None:
    def work(tx: Tx) -> None:
        add(tx, "a")
        tx.at_end(lambda conn, rows: conn.execute(insert(marks), rows).close(), put("a"))

    with pytest.raises(IntegrityError):
        await db.write(work)
    assert await names(db) == set()


async def test_a_reader_sees_only_what_is_committed(db: Database) -> None:
    inside, go = threading.Event(), threading.Event()

    def work(tx: Tx) -> None:
        add(tx, "a")
        inside.set()
        go.wait(10)

    writing = asyncio.create_task(db.write(work))
    await eventually(inside.is_set)
    assert await names(db) == set()
    go.set()
    await writing
    assert await names(db) == {"a"}


async def test_insert_or_ignore_tells_what_it_really_inserted(db: Database) -> None:
    await db.write(lambda tx: add(tx, "a"))

    def work(tx: Tx) -> list[str]:
        rows = [put("a", "new"), put("b"), put("c")]
        found = insert_or_ignore(tx, marks, rows, returning=[marks.c.name])
        assert insert_or_ignore(tx, marks, rows) == []
        assert insert_or_ignore(tx, marks, []) == []
        return sorted(row.name for row in found)

    assert await db.write(work) == ["b", "c"]
    old = await db.read(lambda conn: conn.execute(select(marks.c.value).where(marks.c.name == "a")).scalar())
    assert old == "x"


def test_without_an_event_loop(prepared: Database) -> None:
    prepared.write_now(lambda tx: add(tx, "a"))
    with pytest.raises(IntegrityError):
        prepared.write_now(lambda tx: add(tx, "a"))


async def test_writers_and_readers_work_at_the_same_time(db: Database) -> None:
    await asyncio.gather(
        *(db.write(lambda tx, number=number: add(tx, f"n{number}")) for number in range(20)),  # type: ignore[misc]
        *(names(db) for _ in range(20)),
    )
    assert len(await names(db)) == 20
