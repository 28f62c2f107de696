"""Whether a write is taken: found out by one, and seldom."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from reelhook.db import Database
from reelhook.db.probe import GOOD_FOR_S, WriteProbe
from reelhook.db.tables import marks
from reelhook.errors import DatabaseUnavailable
from tests.conftest import StillClock


@pytest.fixture
def writes(db: Database, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """How each write is to end (an error or nothing), as it comes; afterwards well."""
    planned: list[Any] = []
    write = db._write

    def counted(work: Callable[..., Any]) -> Any:
        if planned and (error := planned.pop(0)):
            raise error
        return write(work)

    monkeypatch.setattr(db, "_write", counted)
    return planned


async def test_who_asks_within_a_second_gets_the_same_answer(
    db: Database, clock: StillClock, writes: list[Any]
) -> None:
    probe = WriteProbe(db, clock)
    writes += [None, DatabaseUnavailable("it is read-only"), None]
    await asyncio.gather(probe(), probe(), probe())
    await probe()
    assert len(writes) == 2
    clock.move(GOOD_FOR_S)
    for _ in range(2):
        with pytest.raises(DatabaseUnavailable, match="it is read-only"):
            await probe()
    clock.move(GOOD_FOR_S)
    await probe()
    assert writes == []


async def test_it_leaves_one_row_however_often(db: Database, clock: StillClock) -> None:
    probe = WriteProbe(db, clock)
    for _ in range(3):
        await probe()
        clock.move(GOOD_FOR_S)
    rows = await db.read(lambda conn: conn.execute(select(marks)).fetchall())
    assert [(row.name, row.value) for row in rows] == [("write_probe", "2026-11-22T12:00:02+00:00")]


async def test_one_who_stops_waiting_does_not_spoil_it_for_the_others(
    db: Database, clock: StillClock, writes: list[Any]
) -> None:
    probe = WriteProbe(db, clock)
    writes += [DatabaseUnavailable("away")]
    first, second = asyncio.create_task(probe()), asyncio.create_task(probe())
    await asyncio.sleep(0)
    first.cancel()
    with pytest.raises(DatabaseUnavailable, match="away"):
        await second
    assert first.cancelled()
