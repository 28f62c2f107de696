"""Without Redis one process serves a Postgres database; a second one is refused, a dead one is succeeded."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text, update

from reelhook.db import Database, lease
from reelhook.db.lease import LEASE, NAME, Owner, ProcessLease
from reelhook.db.ownership import AlreadyOwned
from reelhook.db.tables import leases
from reelhook.kit.clock import SystemClock
from reelhook.kit.ids import Ids
from tests.conftest import eventually
from tests.servers import Postgres

HERE = Owner("here", os.getpid(), "boot/pid", "1")
ELSEWHERE = Owner("there", 7, "other/pid", "2")
OVER = timedelta(seconds=-1)
AT_ONCE_S = LEASE.total_seconds() / 2
"""Long before a lease runs out by itself, however busy the machine is."""


@pytest.fixture
def database_url(postgres: Postgres) -> str:
    return postgres.create("prepared")


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "LOOK_S", 0.02)
    monkeypatch.setattr(lease, "RENEW_S", 0.05)


def of(db: Database, owner: Owner) -> ProcessLease:
    return ProcessLease(db, SystemClock(), owner)


async def row(db: Database) -> Any:
    return await db.read(lambda conn: conn.execute(select(leases).where(leases.c.name == NAME)).one())


async def holds(db: Database, owner: Owner) -> bool:
    return bool((await row(db)).owner == owner.written())


async def ends(db: Database, *, after: timedelta) -> None:
    """Write an end *after* now into the row."""
    micros = after // timedelta(microseconds=1)
    sql = "UPDATE leases SET until = (extract(epoch FROM clock_timestamp()) * 1000000)::bigint + :micros"
    await db.write(lambda tx: tx.execute(text(sql), {"micros": micros}).rowcount)


async def test_nobodys_lease_is_taken_and_counts_for_its_time(db: Database) -> None:
    await of(db, HERE).take()
    assert await holds(db, HERE)
    now = await db.read(lambda conn: conn.execute(text("SELECT clock_timestamp()")).scalar_one())
    assert timedelta() < (await row(db)).until - now <= LEASE


async def test_a_second_process_is_refused_as_soon_as_the_first_renews_and_is_told_what_to_do(db: Database) -> None:
    first = of(db, ELSEWHERE)
    await first.take()
    keeping = asyncio.create_task(first.keep())
    with pytest.raises(AlreadyOwned, match=r"^there:7 already serves this database; .* set REELHOOK_REDIS_URL for all"):
        async with asyncio.timeout(AT_ONCE_S):
            await of(db, HERE).take()
    keeping.cancel()
    assert await holds(db, ELSEWHERE)


async def test_a_lease_that_ran_out_is_taken(db: Database) -> None:
    await of(db, ELSEWHERE).take()
    waiting = asyncio.create_task(of(db, HERE).take())
    await asyncio.sleep(0.1)
    assert not waiting.done()
    before = (await row(db)).until
    await ends(db, after=OVER)
    await waiting
    assert await holds(db, HERE)
    assert (await row(db)).until > before


async def test_one_that_was_released_is_taken_at_once(db: Database) -> None:
    first = of(db, ELSEWHERE)
    await first.take()
    await first.release()
    async with asyncio.timeout(AT_ONCE_S):
        await of(db, HERE).take()


async def test_one_noted_by_a_clock_that_was_set_back_since_does_not_count(db: Database) -> None:
    await of(db, ELSEWHERE).take()
    await ends(db, after=timedelta(days=1))
    async with asyncio.timeout(AT_ONCE_S):
        await of(db, HERE).take()


@pytest.fixture
def other() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process
        process.kill()


async def test_a_process_that_died_on_this_machine_is_succeeded_at_once(
    db: Database, other: subprocess.Popen[bytes]
) -> None:
    await of(db, replace(HERE, pid=other.pid)).take()
    waiting = asyncio.create_task(of(db, HERE).take())
    await asyncio.sleep(0.1)
    assert not waiting.done(), "it lives"
    other.kill()
    other.wait()
    async with asyncio.timeout(AT_ONCE_S):
        await waiting


async def test_an_earlier_process_of_the_same_number_is_dead(db: Database) -> None:
    await of(db, replace(HERE, life="earlier")).take()
    async with asyncio.timeout(AT_ONCE_S):
        await of(db, HERE).take()


@pytest.mark.parametrize("place", ["", "boot/other"])
def test_a_number_means_nothing_in_another_container_or_where_that_cannot_be_known(place: str) -> None:
    gone = 2**22 + 1  # no process can have it
    assert HERE.knows_as_dead(replace(HERE, pid=gone))
    assert not replace(HERE, place=place).knows_as_dead(Owner("here", gone, "boot/pid", "9"))
    assert not replace(HERE, place="").knows_as_dead(Owner("here", gone, "", "9"))


def test_somebody_elses_process_is_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_pid: int, _signal: int) -> None:
        raise PermissionError

    monkeypatch.setattr(lease.os, "kill", refused)
    assert not HERE.knows_as_dead(replace(HERE, pid=1))


async def test_who_stood_still_until_another_took_it_gives_up_and_says_why(db: Database) -> None:
    frozen = of(db, HERE)
    await frozen.take()
    await ends(db, after=OVER)
    await of(db, ELSEWHERE).take()
    with pytest.raises(AlreadyOwned, match="there:7 has taken over this database, because this process stood still"):
        async with asyncio.timeout(AT_ONCE_S):
            await frozen.keep()
    await frozen.release()
    assert await holds(db, ELSEWHERE), "what is another's is not given back"


async def test_one_that_ran_out_while_nobody_wanted_it_is_renewed(db: Database) -> None:
    mine = of(db, HERE)
    await mine.take()
    await ends(db, after=OVER)
    keeping = asyncio.create_task(mine.keep())
    with pytest.raises(AlreadyOwned, match="already serves"):
        await of(db, ELSEWHERE).take() if await renewed(db) else None
    keeping.cancel()


async def renewed(db: Database) -> bool:
    before = (await row(db)).until

    async def later() -> bool:
        return bool((await row(db)).until > before)

    await eventually(later)
    return True


async def test_an_outage_of_the_database_ends_nothing(postgres: Postgres, db: Database, database_url: str) -> None:
    mine = of(db, HERE)
    await mine.take()
    keeping = asyncio.create_task(mine.keep())
    postgres.stop()
    await asyncio.sleep(0.2)
    await mine.release()  # says so in the log, and ends
    await asyncio.to_thread(postgres.start)
    assert await renewed(db)
    assert not keeping.done()
    keeping.cancel()


async def test_of_many_that_start_together_one_has_it(db: Database) -> None:
    owners = [replace(ELSEWHERE, pid=number) for number in range(1, 6)]
    each = [of(db, owner) for owner in owners]

    async def run(one: ProcessLease) -> None:
        await one.take()
        await one.keep()

    running = [asyncio.create_task(run(one)) for one in each]
    await eventually(lambda: sum(task.done() for task in running) >= 4, what="all others are refused")
    (owner,) = (task for task in running if not task.done())
    assert {type(task.exception()) for task in running if task is not owner} == {AlreadyOwned}
    owner.cancel()


def test_this_process_is_written_as_it_is_read() -> None:
    me = Owner.this_process(Ids())
    assert Owner.parse(me.written()) == me
    assert me.name.endswith(f":{os.getpid()}")
    unknown = replace(me, place="")
    assert Owner.parse(unknown.written()) == unknown


async def test_a_row_of_nobody_is_made_anew(db: Database) -> None:
    mine = of(db, HERE)
    await mine.take()
    await db.write(lambda tx: tx.execute(update(leases).values(name="else")).rowcount)
    keeping = asyncio.create_task(mine.keep())

    async def again() -> bool:
        query = select(leases.c.name).where(leases.c.name == NAME)
        return await db.read(lambda conn: conn.execute(query).first()) is not None

    await eventually(again)
    keeping.cancel()
