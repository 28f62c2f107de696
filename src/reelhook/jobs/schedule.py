"""Periodic work: each entry runs once per interval, however many processes there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import update

from reelhook.db import Tx
from reelhook.db.insert import insert_or_ignore
from reelhook.db.tables import leases
from reelhook.jobs.kinds import Work
from reelhook.jobs.queue import Queue
from reelhook.kit.clock import Clock


@dataclass(frozen=True, slots=True)
class Every:
    """*work*, every *seconds*."""

    seconds: float
    work: Work


def tick(tx: Tx, queue: Queue, clock: Clock, entries: Sequence[Every], owner: str) -> list[str]:
    """Add a job for each entry that is due, and return their kinds.

    The row of an entry says until when its last run counts; whoever moves it adds the job, in the same transaction.
    """
    now = clock.now()
    insert_or_ignore(tx, leases, [{"name": entry.work.kind, "owner": owner, "until": now} for entry in entries])
    due = []
    for entry in entries:
        moved = tx.execute(
            update(leases)
            .where(leases.c.name == entry.work.kind, leases.c.until <= now)
            .values(owner=owner, until=now + timedelta(seconds=entry.seconds))
        )
        if moved.rowcount == 1:
            queue.add(tx, entry.work)
            due.append(entry.work.kind)
    return due
