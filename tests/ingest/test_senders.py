"""Senders are counted without a write for each delivery, added up across processes, and outlive a failed write."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from reelhook.db import Database
from reelhook.errors import DatabaseUnavailable
from reelhook.ingest.senders import MOST_WAITING, Senders, listed
from tests.conftest import START, StillClock, eventually
from tests.servers import database_url, postgres, prepared_file

__all__ = ["database_url", "postgres", "prepared_file"]  # the sums are proven on both databases

SECOND = timedelta(seconds=1)


async def rows(db: Database) -> list[Any]:
    return await db.read(listed)


@pytest.fixture
def counted(db: Database, clock: StillClock) -> Senders:
    return Senders(db, clock)


async def test_two_processes_add_up_in_whatever_order_they_write(db: Database, clock: StillClock) -> None:
    one, two = Senders(db, clock), Senders(db, clock)
    one.saw("192.0.2.1", START + SECOND, outside=False)
    one.saw("192.0.2.2", START + 2 * SECOND, outside=True)
    two.saw("192.0.2.3", START, outside=True, refused=True)
    two.saw("192.0.2.3", START + 3 * SECOND, outside=False)
    await one.flush()
    await two.flush()
    (row,) = await rows(db)
    assert row._mapping == {
        "network": "192.0.2.0/24",
        "first_seen_at": START,
        "last_seen_at": START + 3 * SECOND,
        "deliveries": 4,
        "outside": 2,
        "refused": 1,
        "outside_since": START + 2 * SECOND,
        "last_outside_at": START + 2 * SECOND,
    }


async def test_the_latest_stands_first(db: Database, counted: Senders) -> None:
    for number in (2, 1, 3):
        counted.saw(f"192.0.{number}.1", START + number * SECOND, outside=False)
    await counted.flush()
    assert [row.network for row in await rows(db)] == ["192.0.3.0/24", "192.0.2.0/24", "192.0.1.0/24"]


async def test_nothing_is_written_when_nothing_was_seen(
    db: Database, counted: Senders, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "write", None)
    await counted.flush()


@pytest.mark.parametrize("trouble", [DatabaseUnavailable("away"), RuntimeError("a bug")])
async def test_what_cannot_be_written_is_counted_on(
    trouble: Exception, db: Database, counted: Senders, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        counted.saw("192.0.2.1", START, outside=True)  # one more comes meanwhile
        raise trouble

    counted.saw("192.0.2.1", START + SECOND, outside=True)
    with monkeypatch.context() as away:
        away.setattr(db, "write", broken)
        await counted.flush()
    await counted.flush()
    await counted.flush()
    (row,) = await rows(db)
    assert (row.deliveries, row.first_seen_at, row.last_seen_at) == (2, START, START + SECOND)


async def test_memory_is_bounded_and_what_has_no_address_is_nobody(db: Database, counted: Senders) -> None:
    counted.saw("", START, outside=False)
    for number in range(MOST_WAITING + 50):
        counted.saw(f"10.{number // 250}.{number % 250}.1", START, outside=False)
    assert len(counted._waiting) == MOST_WAITING
    await counted.flush()
    assert len(await rows(db)) == MOST_WAITING - 1


async def test_it_writes_once_a_second(db: Database, counted: Senders, clock: StillClock) -> None:
    task = asyncio.create_task(counted.keep())
    for deliveries in (1, 2):
        await eventually(lambda: clock.asleep == 1)
        counted.saw("192.0.2.1", START, outside=False)
        await clock.forward(1)
        await eventually(lambda: not counted._waiting)

        async def written(wanted: int = deliveries) -> bool:
            return [row.deliveries for row in await rows(db)] == [wanted]

        await eventually(written)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
