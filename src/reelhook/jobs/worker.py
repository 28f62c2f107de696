"""Runs jobs: claims what is due, keeps the leases alive, takes back what dead workers left, and stops in good order."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from reelhook import logs, metrics
from reelhook.db import Database, Tx
from reelhook.errors import DatabaseUnavailable
from reelhook.jobs.handler import Handler
from reelhook.jobs.kinds import Work
from reelhook.jobs.lanes import Lane, Room
from reelhook.jobs.leader import Leader
from reelhook.jobs.queue import Job, LeaseLost, Queue
from reelhook.jobs.retry import Failure
from reelhook.jobs.runner import Failed, Runner, nobody
from reelhook.jobs.schedule import Every
from reelhook.kit.clock import Clock
from reelhook.kit.ids import Ids
from reelhook.kit.points import At, unnoticed

LEASE = timedelta(seconds=30)
BEAT_S = 5.0
POLL_S = 1.0
NO_ROOM = Room(0, 0)
MOMENT_S = 1.0  # how long a running job may go on when the process has to end now
LET_GO_S = 10.0  # how long a handler may take to notice that it was cancelled

log = logs.get("jobs")
Handlers = Mapping[type[Work], Handler[Any]]
DIED = Failure("worker_died", "the process that ran this attempt ended without a word", True)


@dataclass(frozen=True, slots=True)
class Worker:
    """What a worker needs. It takes only jobs that it has a handler for."""

    db: Database
    queue: Queue
    lane: Lane
    handlers: Handlers
    schedule: Sequence[Every]
    clock: Clock
    ids: Ids
    name: str
    slots: int = 8
    drain_s: float = 20.0
    alone: bool = False  # no other process can hold a job: whatever is running at the start was left by a dead one
    at: At = unnoticed
    failed: Failed = nobody

    async def run(self, stop: asyncio.Event, hurry: asyncio.Event | None = None) -> None:
        """Work until *stop* is set and the running jobs have ended or were given back, after *drain_s* at the latest.

        *hurry* leaves them but a moment.
        """
        await _Run(self).until(stop, hurry or asyncio.Event())


class _Run:
    """The state of one run of a worker."""

    def __init__(self, worker: Worker) -> None:
        self._w = worker
        self._leader = Leader(
            worker.db, worker.queue, worker.lane, worker.clock, worker.schedule, worker.name, alone=worker.alone
        )
        self._kinds = [work.kind for work in worker.handlers]
        self._slow = [work.kind for work in worker.handlers if work.slow]
        self._quick = [work.kind for work in worker.handlers if not work.slow]
        handlers = {work.kind: handler for work, handler in worker.handlers.items()}
        self._runner = Runner(worker.db, worker.queue, worker.clock, worker.ids, handlers, worker.at, worker.failed)
        self._held: dict[asyncio.Task[None], Job] = {}
        self._look_at = 0.0  # when to look at the table next, by the loop's clock
        self._more = True  # there may be more in the table than the last look has found

    async def until(self, stop: asyncio.Event, hurry: asyncio.Event) -> None:
        halt = asyncio.create_task(self._wake_when(stop), name="worker-stop")
        care = leading = None
        try:
            await self._inherit(stop)  # before the first claim, lest it take back our own
            care = asyncio.create_task(self._care(), name="worker-care")
            leading = asyncio.create_task(self._leader.until(stop), name="worker-leading")
            while not stop.is_set():
                for side in (care, leading):
                    if side.done():
                        side.result()  # a dead side task ends the worker loudly
                await self._fill()
        finally:
            await self._drain(hurry)  # with the leases still cared for
            if leading is not None and stop.is_set():
                await asyncio.wait((leading,), timeout=LET_GO_S)
            await _ended(halt, care, leading)

    async def _wake_when(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._w.lane.wake()

    async def _inherit(self, stop: asyncio.Event) -> None:
        """Take back what our dead predecessor left, as soon as the database can be reached."""
        while self._w.alone and not stop.is_set():
            try:
                await self._rescue(await self._w.db.write(lambda tx: self._abandoned(tx, owners_gone=True)))
            except DatabaseUnavailable as error:
                await self._wait_out(error)
            else:
                return

    async def _fill(self) -> None:
        """Take what the lane hands out; when it does not say, and at least once a second, look at the table."""
        try:
            ids = await self._word()
            room = self._room()
            claimed = await self._claim(room, ids)
        except DatabaseUnavailable as error:
            await self._wait_out(error)
            return
        if ids is None:
            self._more = len(claimed) == room.jobs
        self._begin(claimed, found="table" if ids is None else "sent")

    async def _word(self) -> Sequence[str] | None:
        """The ids of what is to be claimed, or None: look at the table."""
        clock, room = asyncio.get_running_loop().time, self._room()
        more = self._more and room.jobs > 0
        if (left := self._look_at - clock()) > 0:
            ids = await self._w.lane.wait(room, 0 if more else left)
            if ids or (ids is not None and not more):
                return ids
        self._look_at = clock() + POLL_S
        return None

    def _begin(self, claimed: Sequence[Job], *, found: str) -> None:
        for job in claimed:
            waited = (job.started_at - job.due_at).total_seconds()
            metrics.JOB_WAIT_SECONDS.labels(found).observe(max(waited, 0.0))  # clocks may differ
            task = asyncio.create_task(self._runner.attempt(job), name=f"job-{job.id}")
            self._held[task] = job
            task.add_done_callback(self._let_go)

    async def _claim(self, room: Room, only: Sequence[str] | None) -> list[Job]:
        """Claim jobs for which there is *room*, of *only* these or of all."""
        w, kinds = self._w, self._kinds if room.slow else self._quick
        if not room.jobs or (only is not None and not only):
            return []
        if not await w.db.read(lambda conn: w.queue.any_due(conn, kinds, only=only)):  # spares the writer
            return []

        def claim(tx: Tx) -> list[Job]:
            quick = w.queue.claim(tx, w.name, LEASE, room.jobs, self._quick, only=only)
            rest = min(room.slow, room.jobs - len(quick))
            return quick + (w.queue.claim(tx, w.name, LEASE, rest, self._slow, only=only) if rest else [])

        return await w.db.write(claim)

    def _room(self) -> Room:
        """Slow work takes three quarters of the slots at most: a row of long downloads must not hold up events."""
        free = self._w.slots - len(self._held)
        most = max(1, self._w.slots * 3 // 4)
        return Room(free, min(free, most - sum(job.kind in self._slow for job in self._held.values())))

    def _let_go(self, task: asyncio.Task[None]) -> None:
        before = self._room()
        del self._held[task]
        if before.jobs == 0 or self._room().slow > before.slow == 0:  # the wait that is on knows nothing of this room
            self._w.lane.wake()

    async def _care(self) -> None:
        """Keep the leases alive, and take back what dead workers left."""
        while True:
            try:
                await self._beat()
            except DatabaseUnavailable as error:
                log.warning("worker.waiting", error=error.message)
            await self._w.clock.sleep(BEAT_S)

    async def _beat(self) -> None:
        held = dict(self._held)

        def beat(tx: Tx) -> tuple[set[str], list[Job]]:
            # Our own first: after an outage their leases are over too, but we are alive.
            ours = self._w.queue.extend(tx, list(held.values()), LEASE)
            return ours, self._abandoned(tx)

        ours, abandoned = await self._w.db.write(beat)
        for task, job in held.items():
            if job.id not in ours:
                task.cancel()
        await self._rescue(abandoned)

    def _abandoned(self, tx: Tx, *, owners_gone: bool = False) -> list[Job]:
        return self._w.queue.abandoned(tx, self._w.name, LEASE, self._kinds, owners_gone=owners_gone)

    async def _rescue(self, abandoned: Sequence[Job]) -> None:
        """Settle what was taken back, each on its own, so that one that cannot be settled holds up no other."""
        for job in abandoned:
            try:
                outcome = await self._runner.fail(job, DIED)
                log.warning("job.rescued", job_id=job.id, kind=job.kind, outcome=outcome, **DIED.shown())
            except LeaseLost:
                log.warning("job.lost", job_id=job.id, kind=job.kind)

    async def _wait_out(self, error: DatabaseUnavailable) -> None:
        """A database that is away stops nothing: wait and look again."""
        log.warning("worker.waiting", error=error.message)
        self._look_at = 0.0  # ids may have been lost with it
        await self._w.lane.wait(NO_ROOM, POLL_S)

    async def _drain(self, hurry: asyncio.Event) -> None:
        """Let running jobs end; those that take too long are cancelled and given back."""
        if self._held:
            jobs = asyncio.create_task(asyncio.wait(list(self._held)), name="worker-jobs")
            patience = asyncio.create_task(self._patience(hurry), name="worker-patience")
            await asyncio.wait((jobs, patience), return_when=asyncio.FIRST_COMPLETED)
            await _ended(jobs, patience)
        self._runner.stopping = True
        for task in self._held:
            task.cancel()
        if self._held:
            await asyncio.wait(list(self._held), timeout=LET_GO_S)
        for job in self._held.values():
            log.error(
                "job.stuck", job_id=job.id, kind=job.kind, error="its handler does not end though it was cancelled"
            )

    async def _patience(self, hurry: asyncio.Event) -> None:
        """Return when running jobs have been waited for long enough."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._w.drain_s):
                await hurry.wait()
                await asyncio.sleep(MOMENT_S)


async def _ended(*tasks: asyncio.Task[Any] | None) -> None:
    alive = [task for task in tasks if task is not None]
    for task in alive:
        task.cancel()
    await asyncio.gather(*alive, return_exceptions=True)
