"""One attempt at a job: run its handler, then commit what came of it, whatever it was."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

from reelhook import logs, metrics, tracing
from reelhook.db import Database, Tx
from reelhook.db.together import Together
from reelhook.errors import DatabaseUnavailable, ReelhookError
from reelhook.jobs.handler import Effect, Handler, Postpone
from reelhook.jobs.kinds import KINDS, PeriodicWork
from reelhook.jobs.queue import Job, LeaseLost, Queue
from reelhook.jobs.retry import UNEXPECTED, Failure, next_try
from reelhook.kit.clock import Clock
from reelhook.kit.ids import Ids
from reelhook.kit.points import At, unnoticed
from reelhook.units import IDS, JobAttempted, ms

SETTLE_TRIES = 60
SETTLE_AGAIN_S = 1.0
MOST_DONE = 32

log = logs.get("jobs")
BAD_ENDS = {"dead": log.error, "retryable": log.warning, "lost": log.warning}
# Settles a job inside the transaction it is given, and says how the attempt ended.
Verdict = Callable[[Tx], str]
# Has a job settled, and says the same.
Settle = Callable[[], Awaitable[str]]
# Called with each attempt that failed, before anything is committed. It must neither wait nor raise.
Failed = Callable[[Job, Failure], None]


def nobody(job: Job, failure: Failure) -> None:
    """Nobody wants to know."""


class Ended(NamedTuple):
    """How an attempt ended, and why it failed, if it did."""

    outcome: str
    failure: Failure | None = None


class TookTooLong(ReelhookError):
    """The attempt did not end within its handler's limit."""

    code, retryable = "took_too_long", True


class CancelledWithin(ReelhookError):
    """Something that the handler waited for was cancelled, and not by us."""

    code, retryable = "cancelled", True


class Runner:
    """Makes attempts, many at the same time. Once *stopping*, an attempt that is cancelled is given back.

    Each attempt passes the points `job.KIND.claimed` and `job.KIND.done`.
    """

    def __init__(
        self,
        db: Database,
        queue: Queue,
        clock: Clock,
        ids: Ids,
        handlers: Mapping[str, Handler[Any]],
        at: At = unnoticed,
        failed: Failed = nobody,
    ) -> None:
        self._db, self._queue, self._clock, self._ids, self._handlers = db, queue, clock, ids, handlers
        self._at, self._failed = at, failed
        # Jobs that end together, as those that were claimed together often do.
        self._done = Together(db, self._finish_all, name="jobs-done", most=MOST_DONE, at_once=db.writers)
        self.stopping = False

    async def attempt(self, job: Job) -> None:
        """Run *job* and settle it. Nothing is raised: a poisoned job must not stop the others."""
        about: tracing.Attributes = {"job_id": job.id, "job_kind": job.kind, "attempt": job.number}
        span = tracing.span(f"job {job.kind}", "consumer", after=job.trace, about=about)
        with logs.unit(job_id=job.id, **_about(job)), span:
            await self._attempt(job)

    async def fail(self, job: Job, failure: Failure) -> str:
        """Settle a failed attempt: again later, or dead, as the handler's policy says."""
        self._failed(job, failure)
        tracing.fail(failure.code)
        try:
            return await self._committed(self._alone(partial(self._fail, job, failure)))
        except (LeaseLost, DatabaseUnavailable):
            raise
        except Exception as error:
            log.error("job.on_dead_failed", job_id=job.id, kind=job.kind, exc_info=error)
            return await self._committed(self._alone(partial(self._bury, job, failure)))

    async def _attempt(self, job: Job) -> None:
        started, end = self._clock.monotonic(), Ended("lost")
        try:
            end = await self._end(job)
        except LeaseLost:
            pass  # whoever has it now settles it
        except (DatabaseUnavailable, asyncio.CancelledError) as error:
            # Its lease will run out, and whoever rescues it tries again.
            log.error("job.unsettled", kind=job.kind, error=str(error))
        finally:
            tracing.note(outcome=end.outcome)
            took = self._clock.monotonic() - started
            metrics.JOBS.labels(job.kind, end.outcome).inc()
            metrics.JOB_SECONDS.labels(job.kind).observe(took)
            _tell(job, end, took)

    async def _end(self, job: Job) -> Ended:
        try:
            settle = await self._verdict(job)
        except (LeaseLost, KeyboardInterrupt):
            raise
        except BaseException as error:  # noqa: BLE001 - even a SystemExit of some library is only this job's trouble
            return await self._surprised(job, error)
        try:
            return Ended(await self._committed(settle))
        except (LeaseLost, DatabaseUnavailable):
            raise
        except Exception as error:  # noqa: BLE001 - the effect was rolled back, and the job with it
            return await self._surprised(job, error)

    async def _verdict(self, job: Job) -> Settle:
        try:
            effect = await self._run(job)
            return partial(self._done.put, job) if effect is None else self._alone(partial(self._finish, job, effect))
        except Postpone as reason:
            later = self._clock.now() + timedelta(seconds=reason.after_s)
            return self._alone(partial(self._give_back, job, later, str(reason)))
        except asyncio.CancelledError:
            if not _cancelled_by_us():
                raise CancelledWithin("something that the handler waited for was cancelled") from None
            if not self.stopping:
                raise LeaseLost(job.id) from None
            return self._alone(partial(self._give_back, job, self._clock.now(), "the worker stopped"))

    def _alone(self, verdict: Verdict) -> Settle:
        """In a transaction of its own."""
        return partial(self._db.write, verdict)

    async def _run(self, job: Job) -> Effect | None:
        handler = self._handlers[job.kind]
        self._at(f"job.{job.kind}.claimed")
        try:
            async with asyncio.timeout(handler.limit_s) as limit:
                effect = await handler.run(job.work())
        except TimeoutError:
            if limit.expired():
                raise TookTooLong(f"the attempt did not end within {handler.limit_s:g} s") from None
            raise
        self._at(f"job.{job.kind}.done")
        return effect

    async def _surprised(self, job: Job, error: BaseException) -> Ended:
        failure = Failure.of(error)
        if failure.code == UNEXPECTED:
            log.error("job.surprised", kind=job.kind, exc_info=error)
        return Ended(await self.fail(job, failure), failure)

    async def _committed(self, settle: Settle) -> str:
        """Settle a job. While the database is away the work that was done is kept, for some minutes."""
        for _ in range(SETTLE_TRIES):
            try:
                return await settle()
            except DatabaseUnavailable:
                if self.stopping:
                    raise
                await self._clock.sleep(SETTLE_AGAIN_S)
        return await settle()

    def _finish(self, job: Job, effect: Effect, tx: Tx) -> str:
        self._queue.finish(tx, job)
        effect(tx)
        return "done"

    def _finish_all(self, tx: Tx, done: Sequence[Job]) -> list[str]:
        self._queue.finish(tx, *sorted(done, key=lambda job: job.id))  # in one order, as whoever extends leases does
        return ["done"] * len(done)

    def _give_back(self, job: Job, run_at: datetime, reason: str, tx: Tx) -> str:
        self._queue.postpone(tx, job, run_at, reason)
        return "postponed"

    def _fail(self, job: Job, failure: Failure, tx: Tx) -> str:
        handler = self._handlers[job.kind]
        run_at = next_try(handler.policy, failure, job.attempts, self._clock.now(), self._ids.fraction(), job.deadline)
        if run_at is not None:
            self._queue.retry(tx, job, failure, run_at)
            return "retryable"
        self._bury(job, failure, tx)
        handler.on_dead(tx, job.work(), failure)
        return "dead"

    def _bury(self, job: Job, failure: Failure, tx: Tx) -> str:
        self._queue.bury(tx, job, failure)
        return "dead"


def _cancelled_by_us() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _about(job: Job) -> dict[str, Any]:
    """What lines of *job* name besides it: the ids in its payload, as far as it can be read."""
    found = {name: value for name, value in dict(job.payload).items() if name in IDS and value}
    events = found.pop("event_ids", ())
    return found | ({"event_id": events[0]} if len(events) == 1 else {"event_ids": events} if events else {})


def _tell(job: Job, end: Ended, took_s: float) -> None:
    failure = end.failure
    line = JobAttempted(
        job_id=job.id,
        kind=job.kind,
        attempt=job.attempts,
        outcome=end.outcome,
        waited_ms=max(0.0, ms((job.started_at - job.due_at).total_seconds())),  # clocks may differ
        ms=ms(took_s),
        code=failure.code if failure else None,
        error=failure.message if failure else None,
        remedy=failure.remedy if failure else None,
    )
    line.write(BAD_ENDS.get(end.outcome, log.debug if issubclass(KINDS[job.kind], PeriodicWork) else log.info))
