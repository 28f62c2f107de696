"""The job table: insert, claim, extend, settle, rescue. The row is the truth; whoever holds its fence may settle it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from pydantic import ValidationError
from sqlalchemy import (
    ColumnElement,
    Connection,
    Executable,
    Row,
    Select,
    and_,
    bindparam,
    func,
    insert,
    select,
    text,
    update,
)

from reelhook import tracing
from reelhook.db import Tx
from reelhook.db.insert import insert_or_ignore
from reelhook.db.tables import job_attempts, jobs
from reelhook.errors import ReelhookError
from reelhook.jobs.kinds import KINDS, Work
from reelhook.jobs.lanes import Due
from reelhook.jobs.retry import Failure
from reelhook.kit.clock import Clock
from reelhook.kit.ids import Ids

SIGNAL = "jobs"  # with what is `Due`
SKEW = timedelta(seconds=0.25)  # how much the clocks of two machines may differ
WAITING = ("available", "retryable")
# Written out, not bound: SQLite uses a partial index only when it sees that the condition implies the index's.
WAITING_NOW = text("(jobs.state = 'available' OR jobs.state = 'retryable')")
# Made once: to build such a statement takes as long as to run it.
FINISH = (
    update(jobs)
    .where(jobs.c.id == bindparam("of"), jobs.c.fence == bindparam("held"), jobs.c.state == "running")
    .values(state="done", lease_owner=None, lease_until=None, error=None, finished_at=bindparam("now"))
)
ADD_ATTEMPT = insert(job_attempts)
IN_ORDER = (jobs.c.deadline, jobs.c.run_at, jobs.c.id)  # that of the index of what waits


class LeaseLost(Exception):
    """The job was taken from this worker while it ran; nothing it did may be committed."""


class UnreadableWork(ReelhookError):
    """The payload is not what this version writes. Another version may know it, so it is tried again."""

    code, retryable = "unreadable_work", True


@dataclass(frozen=True, slots=True)
class Job:
    """A claimed job. Only the newest *fence* may settle it.

    *attempts* counts towards the policy, this one included; *number* is this one's place in the whole story, which goes
    on when a person retries a dead job and *attempts* begin anew. *trace*: the span that queued it.
    """

    id: str
    kind: str
    payload: Any
    attempts: int
    number: int
    fence: int
    deadline: datetime
    due_at: datetime
    started_at: datetime
    trace: str | None = None

    def work(self) -> Work:
        """What is to be done. Raises *UnreadableWork*."""
        try:
            return KINDS[self.kind].model_validate(self.payload)
        except ValidationError as error:
            raise UnreadableWork(f"this version cannot read the payload of {self.kind}: {error}") from None


class Queue:
    """Jobs in the database."""

    def __init__(self, clock: Clock, ids: Ids) -> None:
        self._clock, self._ids = clock, ids

    def add(self, tx: Tx, work: Work, *, run_at: datetime | None = None, deadline: datetime | None = None) -> None:
        """Add *work* in the caller's transaction, unless an open job has the same unique key.

        Of all jobs that are due, those with the earliest *deadline* go first; without one it is the time of asking.
        """
        now, job_id = self._clock.now(), self._ids.new()
        row = {
            "id": job_id,
            "kind": work.kind,
            "payload": work.model_dump(mode="json"),
            "video_id": work.video,
            "unique_key": work.unique_key,
            "state": "available",
            "run_at": run_at or now,
            "deadline": deadline or run_at or now,
            "attempts": 0,
            "fence": 0,
            "created_at": now,
            "trace": tracing.carried(),
        }
        insert_or_ignore(tx, jobs, [row])
        self._tell(tx, job_id, work.kind, run_at or now)

    def put_aside(self, tx: Tx, work: Work, reason: str) -> None:
        """The dead letters of the same *work* need nobody any more; *reason* is kept with each."""
        same = and_(jobs.c.unique_key == work.unique_key, jobs.c.state == "dead")
        # Either way there is an index: that of the video, or that of what is not done, in its own words.
        few = jobs.c.state != "done" if work.video is None else jobs.c.video_id == work.video
        tx.execute(update(jobs).where(few, same, jobs.c.discarded_reason.is_(None)).values(discarded_reason=reason))

    def any_due(self, conn: Connection, kinds: Collection[str] = KINDS, *, only: Collection[str] | None = None) -> bool:
        """Whether a claim would find something."""
        # In the order of claims, lest a planner walk through all that wait for a later time.
        return conn.execute(_due(only is not None), self._wanted(kinds, only, 1)).first() is not None

    def overdue(self, conn: Connection, wait: timedelta, limit: int) -> list[Due]:
        """The first *limit* jobs that have been due for longer than *wait*."""
        late = and_(WAITING_NOW, jobs.c.kind.in_(list(KINDS)), jobs.c.run_at < self._clock.now() - wait)
        found = conn.execute(select(jobs.c.id, jobs.c.kind).where(late).order_by(*IN_ORDER).limit(limit))
        return [Due.of(row.id, row.kind) for row in found]

    def claim(
        self,
        tx: Tx,
        owner: str,
        lease: timedelta,
        limit: int,
        kinds: Collection[str] = KINDS,
        *,
        only: Collection[str] | None = None,
    ) -> list[Job]:
        """Take up to *limit* due jobs of these *kinds*, the earliest deadline first; of *only* these, when given.

        Each take raises the fence, so an earlier holder is shut out. Kinds that only a newer version knows wait for it.
        """
        now = self._clock.now()
        lent = {"owner": owner, "until": now + lease}
        taken = tx.execute(_take(only is not None), self._wanted(kinds, only, limit) | lent)
        return [_job(row, now) for row in sorted(taken, key=lambda row: (row.deadline, row.run_at, row.id))]

    def extend(self, tx: Tx, held: Sequence[Job], lease: timedelta) -> set[str]:
        """Push the leases of *held* jobs out; returns the ids of those that are still ours."""
        until = self._clock.now() + lease
        # Sorted, so that two workers that lock some of the same rows do not wait for each other for ever.
        ordered = sorted(held, key=lambda job: job.id)
        return {
            job.id
            for job in ordered
            if tx.execute(update(jobs).where(_held(job)).values(lease_until=until)).rowcount == 1
        }

    def finish(self, tx: Tx, *done: Job) -> None:
        """Raises *LeaseLost* when any of them is not its worker's any more."""
        now = self._clock.now()
        settled = tx.execute(FINISH, [{"of": job.id, "held": job.fence, "now": now} for job in done])
        if settled.rowcount != len(done):
            raise LeaseLost(", ".join(job.id for job in done))
        tx.execute(ADD_ATTEMPT, [_attempt(job, "done", None, now) for job in done])

    def retry(self, tx: Tx, job: Job, failure: Failure, run_at: datetime) -> None:
        self._settle(tx, job, "retryable", outcome="retryable", failure=failure, run_at=run_at)

    def bury(self, tx: Tx, job: Job, failure: Failure) -> None:
        """All attempts used, or trying again cannot help: a person is needed."""
        self._settle(tx, job, "dead", outcome="dead", failure=failure, finished_at=self._clock.now())

    def postpone(self, tx: Tx, job: Job, run_at: datetime, reason: str) -> None:
        """Give the job back without counting the attempt: it waits for something, or its worker is stopping."""
        failure = Failure("postponed", reason, True)
        self._settle(
            tx, job, "available", outcome="postponed", failure=failure, run_at=run_at, attempts=jobs.c.attempts - 1
        )

    def abandoned(
        self, tx: Tx, owner: str, lease: timedelta, kinds: Collection[str] = KINDS, *, owners_gone: bool = False
    ) -> list[Job]:
        """Take over running jobs whose worker is dead: their lease ran out, or *owners_gone* says all workers are.

        They are the rescuer's own now, for as long as *lease*, and it settles each; should it die first, the next
        rescuer finds them in the same way.
        """
        now = self._clock.now()
        over = and_(jobs.c.state == "running", jobs.c.kind.in_(list(kinds)))
        if not owners_gone:
            over = and_(over, jobs.c.lease_until < now)
        taken = tx.execute(
            update(jobs)
            .where(over)
            .values(fence=jobs.c.fence + 1, lease_owner=owner, lease_until=now + lease)
            .returning(jobs)
        )
        return [_job(row, now) for row in sorted(taken, key=lambda row: (row.deadline, row.run_at, row.id))]

    def _wanted(self, kinds: Collection[str], only: Collection[str] | None, limit: int) -> dict[str, Any]:
        """What `_due` asks for."""
        known = {"kinds": list(kinds), "most": limit}
        if only is None:
            return known | {"by": self._clock.now()}
        # They were due by the clock of whoever sent them, which may be ahead of ours.
        return known | {"by": self._clock.now() + SKEW, "only": list(only)}

    def _settle(
        self, tx: Tx, job: Job, state: str, *, outcome: str, failure: Failure | None = None, **values: Any
    ) -> None:
        shown = failure.shown() if failure else None
        settled = tx.execute(
            update(jobs)
            .where(_held(job))
            .values(state=state, lease_owner=None, lease_until=None, error=shown, **values)
        )
        if settled.rowcount != 1:
            raise LeaseLost(job.id)
        self._write_down(tx, job, outcome, shown)
        if state in WAITING:
            self._tell(tx, job.id, job.kind, values["run_at"])

    def _tell(self, tx: Tx, job_id: str, kind: str, run_at: datetime) -> None:
        """Tell the workers of a job that is due; one that is not they find when its time has come."""
        if run_at <= self._clock.now():
            tx.signal(SIGNAL, Due.of(job_id, kind))

    def _write_down(self, tx: Tx, job: Job, outcome: str, error: dict[str, Any] | None) -> None:
        """Add the attempt to the job's story; one that waits for the same as the one before makes that one longer."""
        now = self._clock.now()
        if outcome == "postponed":
            latest = select(func.max(job_attempts.c.id)).where(job_attempts.c.job_id == job.id)
            still = and_(job_attempts.c.id == latest.scalar_subquery(), job_attempts.c.outcome == outcome)
            same = update(job_attempts).where(still, job_attempts.c.error == error).values(ended_at=now)
            if tx.execute(same).rowcount:
                return
        tx.execute(ADD_ATTEMPT, _attempt(job, outcome, error, now))


@cache
def _due(only: bool) -> Select[Any]:
    """The first jobs that can be taken; of *only* some, if so. Made once: that takes longer than to run it."""
    due = and_(WAITING_NOW, jobs.c.kind.in_(bindparam("kinds", expanding=True)), jobs.c.run_at <= bindparam("by"))
    if only:
        due = and_(due, jobs.c.id.in_(bindparam("only", expanding=True)))
    return select(jobs.c.id).where(due).order_by(*IN_ORDER).limit(bindparam("most"))


@cache
def _take(only: bool) -> Executable:
    # In a WITH clause it runs once; as a subquery Postgres may run it again for each row, beyond the limit.
    oldest = _due(only).with_for_update(skip_locked=True).cte("oldest")
    taken = update(jobs).where(jobs.c.id.in_(select(oldest.c.id)))
    lent: dict[str, Any] = {"lease_owner": bindparam("owner"), "lease_until": bindparam("until")}
    more = {"attempts": jobs.c.attempts + 1, "fence": jobs.c.fence + 1}
    return taken.values(state="running", **lent, **more).returning(jobs)


def _held(job: Job) -> ColumnElement[bool]:
    return and_(jobs.c.id == job.id, jobs.c.fence == job.fence, jobs.c.state == "running")


def _attempt(job: Job, outcome: str, error: dict[str, Any] | None, ended_at: datetime) -> dict[str, Any]:
    about = {"job_id": job.id, "number": job.number, "outcome": outcome, "error": error}
    return about | {"started_at": job.started_at, "ended_at": ended_at}


def _job(row: Row[Any], now: datetime) -> Job:
    number = row.attempts_before + row.attempts
    known = (row.id, row.kind, row.payload, row.attempts, number, row.fence, row.deadline, row.run_at)
    return Job(*known, started_at=now, trace=row.trace)
