"""Each process says how it is, in one row, and every other one and every person can see it."""

import asyncio
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select, update

from reelhook.db import Database
from reelhook.db.outages import Outage
from reelhook.db.tables import processes
from reelhook.errors import DatabaseUnavailable
from reelhook.jobs.destinations import Destination
from reelhook.kit.clock import SystemClock
from reelhook.kit.ids import Ids
from reelhook.monitoring.heartbeat import EVERY_S, Heartbeat, Report
from reelhook.monitoring.process_endpoints import router
from reelhook.monitoring.processes import SILENT_AFTER_S, Process, listed, running
from reelhook.monitoring.readiness import Lack
from tests.conftest import START, StillClock, eventually
from tests.monitoring.scene import OPERATOR

FULL = Report(
    draining=True,
    streams=3,
    streams_opened=5,
    loop_lag_s=0.25,
    lacks=(Lack("redis", False, START, "no answer"),),
    destinations=(Destination("heygen", "open", START, START, "401", "heygen_unauthorized", START),),
    outage=Outage(START, None, 2, "disk full"),
    telemetry={"spans": "refused"},
)


class Beating:
    """A process of the test's own, and what it says of itself."""

    def __init__(self, db: Database, clock: Any, *roles: str) -> None:
        self.says = Report()
        self.heart = Heartbeat(db, clock, Ids(clock), roles, self._report)

    async def _report(self) -> Report:
        return self.says


async def seen(db: Database, clock: Any) -> list[Process]:
    return list(await db.read(lambda conn: listed(conn, clock.now())))


@pytest.fixture
def file(tmp_path: Path, prepared_file: Path) -> Iterator[Database]:
    """SQLite alone: there the clock of the process is that of the database."""
    shutil.copy(prepared_file, tmp_path / "own.db")
    database = Database(f"sqlite:///{tmp_path / 'own.db'}")
    yield database
    database.close()


@pytest.fixture
def one(db: Database) -> Beating:
    return Beating(db, SystemClock(), "server", "worker")


async def test_all_that_is_said_is_read_back(db: Database, one: Beating) -> None:
    one.says = FULL
    await one.heart.beat()
    (found,) = await seen(db, SystemClock())
    assert (found.roles, found.works, found.state) == (("server", "worker"), True, "draining")
    assert (found.draining, found.streams, found.loop_lag_s) == (True, 3, 0.25)
    assert (found.lacks, found.destinations, found.outage) == (FULL.lacks, FULL.destinations, FULL.outage)
    assert found.telemetry == FULL.telemetry
    assert abs(found.clock_skew_s) < 1
    one.says = Report()
    await one.heart.beat()
    (found,) = await seen(db, SystemClock())
    assert (found.state, found.lacks, found.outage) == ("running", (), None)


async def test_one_that_ends_in_order_is_gone_and_one_that_says_nothing_is_silent(db: Database, one: Beating) -> None:
    await one.heart.beat()
    (found,) = await seen(db, SystemClock())
    long_ago = found.seen_at - timedelta(seconds=SILENT_AFTER_S)
    await db.write(lambda tx: tx.execute(update(processes).values(seen_at=long_ago)))
    (found,) = await seen(db, SystemClock())
    assert found.state == "silent"
    assert await db.read(lambda conn: running(conn, SystemClock().now())) == ()
    await one.heart.beat()
    assert [it.state for it in await seen(db, SystemClock())] == ["running"]
    await one.heart.end()
    assert await seen(db, SystemClock()) == []


async def test_what_a_newer_version_says_beside_it_is_passed_over(db: Database, one: Beating) -> None:
    await one.heart.beat()
    more = [{"name": "redis", "required": False, "since": START.isoformat(), "reason": "away", "mood": "blue"}]
    await db.write(lambda tx: tx.execute(update(processes).values(lacks=more)))
    (found,) = await seen(db, SystemClock())
    assert found.lacks == (Lack("redis", False, START, "away"),)


async def test_streams_are_counted_over_a_minute(file: Database, clock: StillClock) -> None:
    one, counted = Beating(file, clock), []
    for opened in (10, 30, 30, 30, 30, 35):
        one.says = Report(streams_opened=opened)
        await one.heart.beat()
        counted.append((await seen(file, clock))[0].streams_opened)
        clock.move(EVERY_S)
    assert counted == [0, 20, 20, 20, 20, 5]


async def test_on_a_file_whoever_else_is_named_has_died(file: Database, clock: StillClock) -> None:
    await Beating(file, clock).heart.beat()
    clock.move(5)
    await Beating(file, clock).heart.beat()
    assert [it.started_at for it in await seen(file, clock)] == [START + timedelta(seconds=5)]


async def test_while_the_database_is_away_it_goes_on_trying(
    file: Database, clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: Any) -> Any:
        raise DatabaseUnavailable("away")

    one, write = Beating(file, clock), file._write
    monkeypatch.setattr(file, "_write", refuse)
    await one.heart.end()
    running_on = asyncio.create_task(one.heart.run())
    await eventually(lambda: clock.asleep == 1)
    monkeypatch.setattr(file, "_write", write)
    await clock.forward(EVERY_S)
    await eventually(lambda: clock.asleep == 1)
    running_on.cancel()
    assert len(await seen(file, clock)) == 1


async def test_on_postgres_the_databases_clock_counts(db: Database, clock: StillClock) -> None:
    """A process whose clock stands still is far away from it, and none the less seen."""
    await Beating(db, clock, "worker").heart.beat()
    (found,) = await seen(db, clock)
    assert found.state == "running"
    if db.is_sqlite:
        assert found.clock_skew_s == 0
    else:
        behind = (clock.now() - SystemClock().now()).total_seconds()
        assert found.clock_skew_s == pytest.approx(behind, abs=5)


async def test_the_route_shows_them_with_what_is_wrong(file: Database, clock: StillClock) -> None:
    one = Beating(file, clock, "server")
    one.says = FULL
    await one.heart.beat()
    app = FastAPI()
    app.include_router(router(file, clock))

    async def signed_in(scope: Any, receive: Any, send: Any) -> None:
        await app(scope | {"state": {"principal": OPERATOR}}, receive, send)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(signed_in), base_url="http://test") as client:
        (shown,) = (await client.get("/api/v1/processes")).json()["data"]
    at = "2026-11-22T12:00:00.000Z"
    assert shown["lacks"] == [{"name": "redis", "required": False, "since": at, "reason": "no answer"}]
    assert shown["down"] == [{"name": "heygen", "since": at, "code": "heygen_unauthorized", "reason": "401"}]
    assert shown["outage"] == {"since": at, "until": None, "failed": 2, "reason": "disk full"}
    assert (shown["state"], shown["roles"], shown["telemetry"]) == ("draining", ["server"], {"spans": "refused"})


async def test_there_is_one_row_however_often_it_beats(file: Database, clock: StillClock) -> None:
    one = Beating(file, clock)
    for _ in range(3):
        await one.heart.beat()
        clock.move(EVERY_S)
    rows = await file.read(lambda conn: list(conn.execute(select(processes))))
    assert [row.seen_at for row in rows] == [START + timedelta(seconds=2 * EVERY_S)]
