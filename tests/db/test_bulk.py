"""Rows that go past SQLAlchemy arrive as any others would."""

from typing import Any

from sqlalchemy import select

from reelhook.db import Database, Tx
from reelhook.db.bulk import Bulk
from reelhook.db.tables import delivery_attempts, event_keys, rejections
from reelhook.db.types import microseconds
from reelhook.inbox.store import ATTEMPTS, KEYS
from tests.conftest import START


async def test_values_come_back_as_they_were_given(db: Database) -> None:
    columns = ("id", "at", "endpoint", "status", "reason", "detail", "remote", "headers", "body", "bytes")
    bulk = Bulk(*(rejections.c[name] for name in columns))
    odd = 'quo"te, \\ {brace} and Ωmega'
    given = [
        ("a", microseconds(START), "heygen", 401, "why", odd, None, b"", bytes(range(256)), 2**40),
        ("b", microseconds(START), "", 70_000, "NULL", "", "::1", b"{}", b"\\x00", 0),
    ]
    await db.write(lambda tx: bulk.insert(tx, given))
    query = select(*(rejections.c[name] for name in columns)).order_by(rejections.c.id)
    found = await db.read(lambda conn: [tuple(row) for row in conn.execute(query)])
    assert found == [(row[0], START, *row[2:]) for row in given]


async def test_a_column_may_hold_nothing_at_all(db: Database) -> None:
    await db.write(lambda tx: ATTEMPTS.insert(tx, [_attempt("a"), _attempt("b", duplicate=True)]))
    found = await _attempts(db)
    assert [(row.remote, row.signature_header, row.duplicate) for row in found] == [
        (None, None, False),
        (None, None, True),
    ]


async def test_numbers_are_given_in_the_order_of_the_rows(db: Database) -> None:
    names = [f"e{number * 7 % 300}" for number in range(300)]
    await db.write(lambda tx: ATTEMPTS.insert(tx, [_attempt(name) for name in names]))
    assert [row.event_id for row in await _attempts(db)] == names


async def test_it_counts_what_was_not_there_before(db: Database) -> None:
    def keys(*names: str) -> list[tuple[Any, ...]]:
        return [(name, "first" if name < "c" else "second", microseconds(START)) for name in names]

    def work(tx: Tx) -> list[int]:
        return [KEYS.insert(tx, keys(*names)) for names in ("ab", "bcd", "d")]

    assert await db.write(work) == [2, 2, 0]
    found = await db.read(lambda conn: conn.execute(select(event_keys.c.key, event_keys.c.event_id)).all())
    assert sorted(map(tuple, found)) == [("a", "first"), ("b", "first"), ("c", "second"), ("d", "second")]


def _attempt(event_id: str, *, duplicate: bool = False) -> tuple[Any, ...]:
    return (event_id, microseconds(START), None, None, duplicate)


async def _attempts(db: Database) -> list[Any]:
    ordered = select(delivery_attempts).order_by(delivery_attempts.c.id)
    return await db.read(lambda conn: list(conn.execute(ordered)))
