"""Runs jobs: claims what is due, keeps the leases alive, settles each outcome together with its effect."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from reelhook import logs, metrics
from reelhook.db import Database, Tx
from reelhook.errors import DatabaseUnavailable
from reelhook.jobs.handler import Effect, Handler, Postpone
from reelhook.jobs.kinds import Work
from reelhook.jobs.lanes import Lane
from reelhook.jobs.queue import Job, LeaseLost, Queue
from reelhook.jobs.retry import Failure, next_try
from reelhook.jobs.schedule import Every, tick
from reelhook.kit.clock import Clock
from reelhook.kit.ids import Ids

LEASE = timedelta(seconds=30)
HEARTBEAT_S = 10.0
POLL_S = 1.0

log = logs.get("jobs")
Handlers = Mapping[type[Work], Handler[Any]]


@dataclass(frozen=True, slots=True)
class Worker:
    """What a worker needs. `run` returns when *stop* is set and its jobs have ended or were given back."""

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

    async def run(self, stop: asyncio.Event) -> None:
        running = _Running(self)
        await running.until(stop)


class _Running:
    """The state of one run of a worker."""

    def __init__(self, worker: Worker) -> None:
        self._w = worker
        self._held: dict[str, tuple[Job, asyncio.Task[None]]] = {}
        self._stopping = False

    async def until(self, stop: asyncio.Event) -> None:
        await self._guarded(self._rescue(owners_gone=self._w.alone))
        care = asyncio.create_task(self._care(), name="worker-care")
        halt = asyncio.create_task(self._wake_when(stop), name="worker-stop")
        try:
            while not stop.is_set():
                if not care.done():
                    await self._guarded(self._fill())
                    continue
                care.result()  # a dead side task ends the worker loudly
        finally:
            halt.cancel()
            care.cancel()
            await asyncio.gather(halt, care, return_exceptions=True)
            await self._drain()

    async def _wake_when(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._w.lane.wake()

    async def _fill(self) -> None:
        """Claim for every free slot; when there is nothing more to claim, wait to be woken."""
        w, free = self._w, self._w.slots - len(self._held)
        claimed: list[Job] = []
        if free > 0 and await w.db.read(w.queue.any_due):
            claimed = await w.db.write(lambda tx: w.queue.claim(tx, w.name, LEASE, free))
            for job in claimed:
                task = asyncio.create_task(self._attempt(job), name=f"job-{job.id}")
                self._held[job.id] = (job, task)
                task.add_done_callback(partial(self._let_go, job))
        if len(claimed) < free or free <= 0:
            await w.lane.wait(POLL_S)

    def _let_go(self, job: Job, _: asyncio.Task[None]) -> None:
        del self._held[job.id]
        self._w.lane.wake()  # a slot is free

    async def _attempt(self, job: Job) -> None:
        w, started = self._w, self._w.clock.monotonic()
        outcome = "lost"
        try:
            outcome = await self._outcome(job)
        except LeaseLost:
            log.warning("job.lost", job=job.id, kind=job.work.kind)
        except DatabaseUnavailable as error:
            log.error("job.unsettled", job=job.id, kind=job.work.kind, error=error.message)
        finally:
            took = w.clock.monotonic() - started
            metrics.JOBS.labels(job.work.kind, outcome).inc()
            metrics.JOB_SECONDS.labels(job.work.kind).observe(took)

    async def _outcome(self, job: Job) -> str:
        """Run the handler and commit what came of it. An attempt that is cancelled by a stop is given back whole."""
        w, handler = self._w, self._w.handlers[type(job.work)]
        try:
            effect = await asyncio.wait_for(handler.run(job.work), handler.limit_s)
            await w.db.write(lambda tx: self._finish(tx, job, effect))
            return "done"
        except asyncio.CancelledError:
            if not self._stopping:
                raise LeaseLost(job.id) from None
            await w.db.write(lambda tx: w.queue.postpone(tx, job, w.clock.now(), "the worker stopped"))
            return "postponed"
        except Postpone as reason:
            later, why = w.clock.now() + timedelta(seconds=reason.after_s), str(reason)
            await w.db.write(lambda tx: w.queue.postpone(tx, job, later, why))
            return "postponed"
        except (LeaseLost, DatabaseUnavailable):
            raise
        except Exception as error:  # noqa: BLE001 - a poisoned job must not stop the others
            return await self._failed(job, error)

    def _finish(self, tx: Tx, job: Job, effect: Effect | None) -> None:
        self._w.queue.finish(tx, job)
        if effect is not None:
            effect(tx)

    async def _failed(self, job: Job, error: Exception) -> str:
        failure = Failure.of(error)
        log.warning(
            "job.failed",
            job=job.id,
            kind=job.work.kind,
            attempt=job.attempts,
            code=failure.code,
            error=failure.message,
            exc_info=error if failure.code == "unexpected" else None,
        )
        return await self._w.db.write(lambda tx: self._settle_failure(tx, job, failure))

    def _settle_failure(self, tx: Tx, job: Job, failure: Failure) -> str:
        w, handler = self._w, self._w.handlers[type(job.work)]
        again = next_try(handler.policy, failure, job.attempts, w.clock.now(), w.ids.fraction())
        if again is not None:
            w.queue.retry(tx, job, failure, again.run_at)
            return "retryable"
        w.queue.bury(tx, job, failure)
        handler.on_dead(tx, job.work, failure)
        return "dead"

    async def _care(self) -> None:
        """Keep leases alive, take back what dead workers left, and start periodic work."""
        w = self._w
        next_beat = 0.0
        while True:
            await self._guarded(w.db.write(lambda tx: tick(tx, w.queue, w.clock, w.schedule, w.name)))
            if w.clock.monotonic() >= next_beat:
                next_beat = w.clock.monotonic() + HEARTBEAT_S
                await self._guarded(self._extend())
                await self._guarded(self._rescue(owners_gone=False))
            await w.clock.sleep(HEARTBEAT_S / 2)

    async def _extend(self) -> None:
        held = [job for job, _ in self._held.values()]
        if not held:
            return
        ours = await self._w.db.write(lambda tx: self._w.queue.extend(tx, held, LEASE))
        for job, task in list(self._held.values()):
            if job in held and job.id not in ours:
                task.cancel()

    async def _rescue(self, *, owners_gone: bool) -> None:
        lost = Failure("worker_died", "the process that ran this attempt ended without a word", True)

        def rescue(tx: Tx) -> list[str]:
            abandoned = self._w.queue.abandoned(tx, owners_gone=owners_gone)
            for job in abandoned:
                self._settle_failure(tx, job, lost)
            return [job.id for job in abandoned]

        if rescued := await self._w.db.write(rescue):
            log.warning("jobs.rescued", jobs=rescued)

    async def _guarded(self, work: Any) -> None:
        """A database that is away stops nothing: wait and look again."""
        try:
            await work
        except DatabaseUnavailable as error:
            log.warning("worker.waiting", error=error.message)
            await self._w.clock.sleep(POLL_S)

    async def _drain(self) -> None:
        tasks = [task for _, task in self._held.values()]
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=self._w.drain_s)
        self._stopping = True
        for task in late:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
