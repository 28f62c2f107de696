"""What a person does about a job that is dead: have it tried again, or put it aside with the reason."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.exc import IntegrityError

from reelhook.db import Tx
from reelhook.db.tables import jobs
from reelhook.errors import Conflict, NotFound
from reelhook.jobs.kinds import stays_dead
from reelhook.jobs.lanes import Due
from reelhook.jobs.queries import find
from reelhook.jobs.queue import SIGNAL
from reelhook.kit.clock import Clock


class DeadLetters:
    """Changes dead jobs, always inside the caller's transaction."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def retry(self, tx: Tx, job_id: str) -> None:
        """Make a dead job available now, with all its attempts before it.

        The fence stays, so that whoever held the job in its earlier life is still shut out. Raises *NotFound*, or
        *Conflict* with the reason why it cannot be tried again.
        """
        row = _dead(tx, job_id, "retried")
        if row.discarded_reason is not None:
            raise Conflict(f"job {row.id} was discarded: {row.discarded_reason}")
        if (why := stays_dead(row.kind)) is not None:
            raise Conflict(f"a dead {row.kind} is not tried again: {why}")
        self._revive(tx, row)
        tx.signal(SIGNAL, Due.of(row.id, row.kind))

    def retry_each(self, tx: Tx, job_ids: Sequence[str]) -> list[str]:
        """The same for each of *job_ids* that can be retried; returns those."""
        return [job_id for job_id in job_ids if self._retried(tx, job_id)]

    def discard(self, tx: Tx, job_id: str, reason: str) -> None:
        """Put a dead job aside, for good. Raises *NotFound*, *Conflict*."""
        row = _dead(tx, job_id, "discarded")
        if row.discarded_reason is not None:
            raise Conflict(f"job {row.id} was discarded already: {row.discarded_reason}")
        tx.execute(update(jobs).where(jobs.c.id == row.id).values(discarded_reason=reason))

    def _retried(self, tx: Tx, job_id: str) -> bool:
        try:
            self.retry(tx, job_id)
        except (Conflict, NotFound):
            return False
        return True

    def _revive(self, tx: Tx, row: Row[Any]) -> None:
        now = self._clock.now()
        values = {
            "state": "available",
            "run_at": now,
            # A deadline that is over gives no precedence: a thousand old letters would hold up all that is fresh.
            "deadline": max(row.deadline, now),
            "attempts": 0,
            "attempts_before": row.attempts_before + row.attempts,
            "error": None,
            "finished_at": None,
        }
        try:
            with tx.conn.begin_nested():
                tx.execute(update(jobs).where(jobs.c.id == row.id).values(**values))
        except IntegrityError:  # of the unique key
            raise Conflict(f"the same work is open already, as job {_open(tx, row.unique_key)}") from None


def _dead(tx: Tx, job_id: str, change: str) -> Row[Any]:
    """The job, locked."""
    row = find(tx.conn, job_id, lock=True)
    if row.state != "dead":
        raise Conflict(f"job {row.id} is {row.state}; only a dead one can be {change}")
    return row


def _open(tx: Tx, unique_key: str) -> str:
    key = select(jobs.c.id).where(jobs.c.unique_key == unique_key, jobs.c.state.not_in(("done", "dead")))
    return str(tx.execute(key).scalar())
