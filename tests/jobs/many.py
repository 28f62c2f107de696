"""Several workers on one database, each with a lane of its own, as if in processes of their own; time is real."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field

from sqlalchemy import func, select

from reelhook.db import Database
from reelhook.db.tables import jobs
from reelhook.jobs import Effect, Handler, Queue, Worker
from reelhook.jobs.kinds import DeleteStored
from reelhook.jobs.lanes import Lane
from reelhook.jobs.lanes.redis import RedisLane
from reelhook.jobs.queue import SIGNAL
from reelhook.kit.clock import SystemClock
from reelhook.kit.ids import Ids
from reelhook.kit.redis import RedisClients
from tests.conftest import eventually
from tests.jobs.scene import effects, mark, work


@dataclass
class Many:
    """The workers, what they did, and whoever adds work to their table."""

    db: Database
    began: Counter[str] = field(default_factory=Counter)
    by: Counter[str] = field(default_factory=Counter)
    added: int = 0

    def __post_init__(self) -> None:
        self.clock, self.ids, self._stack = SystemClock(), Ids(), AsyncExitStack()
        self.queue = Queue(self.clock, self.ids)

    async def lane(self, url: str) -> RedisLane:
        """The lane of one more process on the server at *url*."""
        clients = RedisClients(url)
        self._stack.push_async_callback(clients.close)
        lane = RedisLane(clients)
        await self._stack.enter_async_context(_running(lane))
        return lane

    async def workers(self, *lanes: Lane) -> None:
        """A worker on each of them. What is added is sent through the first one."""
        self.db.on_commit(SIGNAL, lanes[0].send)
        for number, lane in enumerate(lanes):
            await self._stack.enter_async_context(_working(self._worker(lane, f"w{number}")))

    async def add(self, number: int) -> None:
        names = [f"job-{self.added + each:04}" for each in range(number)]
        self.added += number
        await self.db.write(lambda tx: [self.queue.add(tx, work(name)) for name in names])

    async def all_done(self, within_s: float = 20) -> None:
        """Every job that was added is done, and each was begun once."""
        done = select(func.count()).select_from(jobs).where(jobs.c.state == "done")

        async def all_are() -> bool:
            return await self.db.read(lambda conn: conn.execute(done).scalar()) == self.added

        await eventually(all_are, within_s=within_s, what="all work is done")
        assert await effects(self.db) == [f"job-{number:04}" for number in range(self.added)]
        assert set(self.began.values()) <= {1}

    async def close(self) -> None:
        await self._stack.aclose()

    def _worker(self, lane: Lane, name: str) -> Worker:
        async def run(work: DeleteStored) -> Effect:
            self.began[work.location] += 1
            self.by[name] += 1
            await asyncio.sleep(0.002)
            return mark(work.location)

        return Worker(
            self.db, self.queue, lane, {DeleteStored: Handler(run)}, (), self.clock, self.ids, name, drain_s=5
        )


@asynccontextmanager
async def _running(lane: Lane) -> AsyncIterator[None]:
    task = asyncio.create_task(lane.run())
    yield
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


@asynccontextmanager
async def _working(worker: Worker) -> AsyncIterator[None]:
    stop = asyncio.Event()
    task = asyncio.create_task(worker.run(stop))
    yield
    stop.set()
    await asyncio.wait_for(task, 15)
