"""What work leans on is really looked at, and a look costs the same few queries whatever the database holds."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import event, insert

from reelhook.db import Database
from reelhook.db.probe import write_and_read
from reelhook.db.tables import jobs
from reelhook.errors import Blame, ReelhookError, Unavailable
from reelhook.jobs import Destinations
from reelhook.jobs.handler import Postpone
from reelhook.kit.clock import SystemClock
from reelhook.kit.ids import Ids
from reelhook.monitoring import Dependency, Heartbeat, Readiness, Report
from reelhook.monitoring.dependencies import outside, queue, workers
from tests.conftest import START, StillClock
from tests.retention.world import World


class Refused(ReelhookError):
    blame = Blame.DESTINATION


async def test_of_the_outside_it_is_known_what_work_has_found(clock: StillClock, ids: Ids) -> None:
    destinations = Destinations(clock, ids)
    check = outside(destinations, "heygen", "heygen renders")
    await check()
    for name in ("heygen", "cloudinary", "heygen renders"):
        with pytest.raises(Postpone):
            async with destinations.reach(name):
                raise Refused("no")
    with pytest.raises(Unavailable, match=r"heygen has been down since 12:00 UTC: no"):
        await check()
    await outside(destinations, "local")()
    clock.move(60)
    async with destinations.reach("heygen"):
        pass
    with pytest.raises(Unavailable, match="heygen renders"):
        await check()


async def test_a_job_that_nobody_takes_is_told_after_two_minutes(db: Database, clock: StillClock, ids: Ids) -> None:
    job = {"id": ids.new(), "kind": "prune", "payload": {}, "state": "available", "attempts": 0, "fence": 0}
    job |= {"run_at": START, "deadline": START, "created_at": START}
    await db.write(lambda tx: tx.execute(insert(jobs).values(**job)) and None)
    await queue(db, clock)()
    clock.move(120)
    with pytest.raises(Unavailable, match="the oldest of 1 due jobs has waited for 2 minutes"):
        await queue(db, clock)()


async def test_a_server_knows_whether_anybody_works(db: Database) -> None:
    clock = SystemClock()

    async def report() -> Report:
        return Report()

    check = workers(db, clock)
    server, worker = (Heartbeat(db, clock, Ids(clock), [role], report) for role in ("server", "worker"))
    await server.beat()
    with pytest.raises(Unavailable, match="no process that runs jobs"):
        await check()
    await worker.beat()
    await check()
    await worker.end()
    with pytest.raises(Unavailable):
        await check()


@contextmanager
def counted(db: Database) -> Iterator[list[str]]:
    """Every statement that is run within."""
    said: list[str] = []

    def note(conn: Any, cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith(("SET ", "BEGIN")):
            said.append(statement)

    for engine in (db._writer, db._reader):
        event.listen(engine, "before_cursor_execute", note)
    yield said
    for engine in (db._writer, db._reader):
        event.remove(engine, "before_cursor_execute", note)


async def test_a_look_is_the_same_few_queries_whatever_the_database_holds(
    db: Database, clock: StillClock, ids: Ids
) -> None:
    checks = {"database": partial(write_and_read, db, clock), "queue": queue(db, clock), "workers": workers(db, clock)}
    readiness = Readiness(clock, {name: Dependency(check) for name, check in checks.items()})
    with counted(db) as in_an_empty_one:
        await readiness.told()
    World(db, ids, clock.now() - timedelta(minutes=1)).round(40, clock.now())
    clock.move(1)
    with counted(db) as in_a_full_one:
        await readiness.told()
    assert sorted(in_a_full_one) == sorted(in_an_empty_one)
    assert len(in_a_full_one) == (5 if db.is_sqlite else 6)  # Postgres is asked what time it is
