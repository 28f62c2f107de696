"""Several processes on one database, as the oldest and the newest Postgres and pgbouncer's transaction mode allow."""

import asyncio
import random
import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, func, select, text

from reelhook.db import Database, Tx, schema
from reelhook.db.lease import Owner, ProcessLease
from reelhook.db.ownership import AlreadyOwned
from reelhook.db.tables import delivery_attempts, events, jobs, leases, metadata, stream
from reelhook.inbox import Arrival, Inbox
from reelhook.jobs import Queue
from reelhook.kit.clock import SystemClock
from reelhook.kit.ids import Ids
from reelhook.realtime.log import after, append, head
from tests.conftest import START, eventually
from tests.db.test_schema import comparable
from tests.jobs.scene import work
from tests.postgres.conftest import POOL, Server

Process = Callable[[], Database]

CLOCK = SystemClock()
IDS = Ids()
DELIVERIES = 400


def arrival(number: int) -> Arrival:
    body, event_id = b"%d" % number, f"e-{number}"
    return Arrival("heygen", "webhook", body, (), START, "avatar_video.success", event_id=event_id)


async def count(db: Database, table: Any) -> int:
    return int(await db.read(lambda conn: conn.execute(select(func.count()).select_from(table)).scalar_one()))


async def test_processes_that_start_together_on_an_empty_database_fill_it_once(server: Server) -> None:
    databases = [Database(url := server.create("template0")), Database(url), Database(url)]
    try:
        found = await asyncio.gather(*(asyncio.to_thread(each.migrate, schema.prepare) for each in databases))
        assert found == [schema.head()] * 3

        def differences(conn: Connection) -> list[Any]:
            options = {"compare_type": True, "compare_server_default": True, "include_object": comparable}
            return compare_metadata(MigrationContext.configure(conn, opts=options), metadata)

        assert databases[0].migrate(differences) == []
    finally:
        for each in databases:
            each.close()


async def test_the_same_deliveries_at_three_doors_in_three_orders_are_one_event_each(process: Process) -> None:
    databases = [process() for _ in range(3)]
    inboxes = [Inbox(each, IDS, Queue(CLOCK, IDS)) for each in databases]

    async def deliver(inbox: Inbox, seed: int) -> dict[int, str]:
        order = random.Random(seed).sample(range(DELIVERIES), DELIVERIES)
        receipts = await asyncio.gather(*(inbox.accept(arrival(number)) for number in order))
        return {number: receipt.event_id for number, receipt in zip(order, receipts, strict=True)}

    one, two, three = await asyncio.gather(*(deliver(inbox, seed) for seed, inbox in enumerate(inboxes)))
    assert one == two == three
    assert len(set(one.values())) == DELIVERIES == await count(databases[0], events)
    assert await count(databases[0], delivery_attempts) == 3 * DELIVERIES
    found = await databases[0].read(lambda conn: conn.execute(select(jobs.c.payload)).scalars().all())
    told = Counter(event_id for payload in found for event_id in payload["event_ids"])
    assert told == Counter(one.values()), "each event is to be applied once"
    assert len(found) < DELIVERIES / 2, "what comes together is committed together"


async def test_processes_that_claim_at_once_take_every_job_once(process: Process) -> None:
    databases = [process() for _ in range(3)]
    queue = Queue(CLOCK, IDS)
    await databases[0].write(lambda tx: [queue.add(tx, work(f"j{number}")) for number in range(120)])
    taken: list[str] = []

    async def claim_all(db: Database, name: str) -> None:
        while found := await db.write(lambda tx: queue.claim(tx, name, timedelta(seconds=30), 3)):
            taken.extend(job.id for job in found)

    await asyncio.gather(*(claim_all(db, f"{number}") for number, db in enumerate(databases * 3)))
    assert len(taken) == len(set(taken)) == 120


async def test_a_reader_never_passes_an_update_that_is_not_committed_yet(process: Process) -> None:
    """Transactions that take their turn in one order and end in another."""
    databases = [process() for _ in range(3)]
    seen: list[int] = []
    written = asyncio.Event()

    async def follow() -> None:
        done = False
        while not done:
            done = written.is_set()  # once more after the last commit
            found = await databases[0].read(lambda conn: after(conn, seen[-1] if seen else 0, 1000))
            seen.extend(update.id for update in found)

    def write(tx: Tx) -> None:
        append(tx, "video.updated", {}, at=START)
        tx.execute(text("SELECT pg_sleep(random() * 0.005)")).close()

    following = asyncio.create_task(follow())
    await asyncio.gather(*(db.write(write) for db in databases for _ in range(60)))
    written.set()
    await following
    everything = await databases[0].read(lambda conn: list(conn.execute(select(stream.c.id).order_by("id")).scalars()))
    assert seen == everything
    assert len(seen) == 180 == await count(databases[0], stream)
    assert await databases[0].read(head) == seen[-1]


async def test_more_work_than_connections_only_waits(process: Process) -> None:
    databases = [process() for _ in range(3)]
    slow = text("SELECT pg_sleep(0.05)")
    reads = [db.read(lambda conn: conn.execute(slow).close()) for db in databases for _ in range(2 * POOL)]
    writes = [db.write(lambda tx: tx.execute(slow).close()) for db in databases for _ in range(2 * POOL)]
    assert await asyncio.gather(*reads, *writes) == [None] * 12 * POOL
    shown = await databases[0].write(lambda tx: tx.execute(text("SHOW synchronous_commit")).scalar())
    assert shown == "on"
    assert await databases[0].read(lambda conn: conn.execute(text("SHOW transaction_read_only")).scalar()) == "on"


async def test_the_lease_of_the_one_process_needs_no_session(process: Process) -> None:
    one, two = process(), process()
    first = ProcessLease(one, CLOCK, Owner("there", 7, "boot/pid", "1"))
    await first.take()
    keeping = asyncio.create_task(first.keep())
    with pytest.raises(AlreadyOwned, match="there:7 already serves"):
        await ProcessLease(two, CLOCK, Owner("here", 8, "other/pid", "2")).take()
    keeping.cancel()


async def test_whoever_waits_for_a_renewal_does_not_take_the_lease_for_one_of_a_clock_set_back(
    process: Process,
) -> None:
    one, two = process(), process()
    first, second = (
        ProcessLease(db, CLOCK, Owner(name, 7, f"{name}/pid", "1")) for db, name in ((one, "a"), (two, "b"))
    )
    await first.take()
    locked, waits = threading.Event(), threading.Event()

    def renew(tx: Tx) -> None:
        tx.execute(select(leases).with_for_update()).close()
        locked.set()
        assert waits.wait(10)
        assert first._renew(tx) is None

    async def somebody_waits() -> bool:
        found = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%leases%'")
        return bool(await one.read(lambda conn: conn.execute(found).scalar()))

    renewing = asyncio.create_task(one.write(renew))
    await asyncio.to_thread(locked.wait, 10)
    taking = asyncio.create_task(two.write(second._claim))
    await eventually(somebody_waits)
    waits.set()
    await renewing
    found = await taking
    assert found is not None
    assert found.owner.startswith("a:7 ")
