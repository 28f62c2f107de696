"""Periodic work: each entry runs once per interval, however many processes there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import or_, update

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
    ordered = sorted(entries, key=lambda entry: entry.work.kind)
    insert_or_ignore(tx, leases, [{"name": entry.work.kind, "owner": owner, "until": now} for entry in ordered])
    return [entry.work.kind for entry in ordered if _begin(tx, queue, clock, entry, owner)]


def _begin(tx: Tx, queue: Queue, clock: Clock, entry: Every, owner: str) -> bool:
    now = clock.now()
    until = now + timedelta(seconds=entry.seconds)
    # A run that counts for longer than one interval was noted by a clock that was set back since.
    due = or_(leases.c.until <= now, leases.c.until > until)
    values = {"owner": owner, "until": until}
    moved = tx.execute(update(leases).where(leases.c.name == entry.work.kind, due).values(**values)).rowcount == 1
    if moved:
        queue.add(tx, entry.work)
    return moved
