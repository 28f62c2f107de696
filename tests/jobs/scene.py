"""Work to do, handlers that do it in every way, and a worker whose time a test controls."""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, select

from reelhook.db import Database, Tx
from reelhook.db.tables import job_attempts, jobs, marks
from reelhook.jobs import Effect, Every, Failure, Handler, Job, Queue, RetryPolicy, Worker
from reelhook.jobs.kinds import DeleteStored, FlagLate, Work
from reelhook.jobs.lanes.memory import MemoryLane
from reelhook.jobs.queue import SIGNAL
from reelhook.kit.ids import Ids
from tests.conftest import StillClock, eventually

LEASE = timedelta(seconds=30)
REFUSED = Failure("refused", "no", False)


def work(name: str = "a") -> DeleteStored:
    """Any kind serves; this one has no unique key, so a test may add as many as it likes."""
    return DeleteStored(store="local", location=name)


async def rows(db: Database) -> dict[str, Row[Any]]:
    """Every job by its name."""
    found = await db.read(lambda conn: conn.execute(select(jobs).order_by(jobs.c.id)).fetchall())
    return {row.payload.get("location", row.kind): row for row in found}


async def states(db: Database) -> dict[str, str]:
    return {name: row.state for name, row in (await rows(db)).items()}


async def outcomes(db: Database) -> list[tuple[int, str]]:
    """Number and outcome of every attempt, in order."""
    query = select(job_attempts.c.number, job_attempts.c.outcome).order_by(job_attempts.c.id)
    return [(row.number, row.outcome) for row in await db.read(lambda conn: conn.execute(query).fetchall())]


async def claim(scene: "Scene", limit: int = 10, owner: str = "w1") -> list[Job]:
    """As a worker does that has so much room."""
    return await scene.db.write(lambda tx: scene.queue.claim(tx, owner, LEASE, limit))


async def effects(db: Database) -> list[str]:
    """What was committed by effects."""
    return await db.read(lambda conn: sorted(conn.execute(select(marks.c.name)).scalars()))


def mark(name: str) -> Effect:
    return lambda tx: tx.execute(marks.insert(), {"name": name, "value": "x"}) and None


Run = Callable[[DeleteStored], Awaitable[Effect | None]]


async def do(work: DeleteStored) -> Effect | None:
    return mark(work.location)


@dataclass
class Scene:
    """A queue, and workers on it."""

    db: Database
    clock: StillClock
    ids: Ids
    queue: Queue = field(init=False)

    def __post_init__(self) -> None:
        self.queue = Queue(self.clock, self.ids)

    async def add(self, *names: str) -> None:
        await self.db.write(lambda tx: [self.queue.add(tx, work(name)) for name in names])

    async def bury(self, name: str = "a", failure: Failure = REFUSED, what: Work | None = None) -> str:
        """Add a job and let its first attempt be its last; returns its id. No other may be due."""

        def add_and_bury(tx: Tx) -> str:
            self.queue.add(tx, what or work(name))
            (job,) = self.queue.claim(tx, "w1", LEASE, 9)
            self.queue.bury(tx, job, failure)
            return job.id

        return await self.db.write(add_and_bury)

    def worker(
        self,
        run: Run = do,
        *,
        on_dead: Callable[[Tx, Any, Failure], None] | None = None,
        policy: RetryPolicy | None = None,
        limit_s: float = 30,
        name: str = "w1",
        schedule: Sequence[Every] = (),
        **more: Any,
    ) -> Worker:
        given = {"on_dead": on_dead} if on_dead else {}
        policy = policy or RetryPolicy(attempts=3, base_s=1, cap_s=1)
        handlers: dict[type[Work], Handler[Any]] = {
            DeleteStored: Handler(run, policy, limit_s=limit_s, **given),
            FlagLate: Handler(self._nothing),
        }
        lane = MemoryLane()
        self.db.on_commit(SIGNAL, lane.send)
        return Worker(
            self.db, self.queue, lane, handlers, schedule, self.clock, self.ids, name, **{"drain_s": 5.0} | more
        )

    @asynccontextmanager
    async def running(self, worker: Worker) -> AsyncIterator[asyncio.Task[None]]:
        """*worker* while the block lasts; it must then end by itself, and well."""
        stop = asyncio.Event()
        task = asyncio.create_task(worker.run(stop))
        try:
            yield task
        finally:
            stop.set()
            await asyncio.wait_for(task, 15)

    async def all_written(self) -> None:
        """Wait until every transaction that has begun is over: simulated time must not run on while a disk is slow."""
        at_once = threading.Barrier(self.db.writers)
        await asyncio.gather(*(self.db.write(lambda _: at_once.wait(10)) for _ in range(self.db.writers)))

    async def until(self, name: str, state: str) -> None:
        async def reached() -> bool:
            return (await states(self.db)).get(name) == state

        await eventually(reached, what=f"{name} is {state}")

    async def _nothing(self, _: Work) -> None:
        return None
