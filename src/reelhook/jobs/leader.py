"""One worker of an installation leads: it starts the periodic work, and sends again what waits too long."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, Connection, and_, not_, select, update

from reelhook import logs, metrics
from reelhook.db import Database, Tx
from reelhook.db.insert import insert_or_ignore
from reelhook.db.tables import leases
from reelhook.errors import DatabaseUnavailable
from reelhook.jobs.lanes import Lane
from reelhook.jobs.queue import Queue
from reelhook.jobs.schedule import Every, tick
from reelhook.kit.clock import Clock

NAME = "leader"
TURN_S = 2.0
LEASE = timedelta(seconds=6)  # a dead leader is replaced after this and one turn, 8 s at most
TURN_ALONE_S = 5.0
TOO_LONG = timedelta(seconds=2)  # twice as long as a worker with a free slot may overlook a job
SENT_AGAIN = 256  # of what waits too long, in one turn
LAST_LIMIT_S = 2.0

log = logs.get("jobs")


class Leader:
    """A worker's part in it. Whoever is *alone* leads without asking.

    Two that both think they lead do no harm: each entry of the schedule has a lease of its own.
    """

    def __init__(
        self,
        db: Database,
        queue: Queue,
        lane: Lane,
        clock: Clock,
        schedule: Sequence[Every],
        owner: str,
        *,
        alone: bool,
    ) -> None:
        self._db, self._queue, self._lane, self._clock = db, queue, lane, clock
        self._schedule, self._owner, self._alone = schedule, owner, alone
        self.leads = False

    async def until(self, stop: asyncio.Event) -> None:
        """Lead, or stand by, until *stop* is set; then let another lead at once."""
        while not stop.is_set():
            await self.turn()
            await self._pause(stop)
        if self.leads:
            await self._let_go()

    async def turn(self) -> None:
        """Lead, if nobody else does. Without the database nobody leads."""
        try:
            await self._stand()
        except DatabaseUnavailable as error:
            self._now_leads(False)
            log.warning("leader.waiting", error=error.message)

    async def _stand(self) -> None:
        if not self._alone and await self._db.read(self._somebody_else):  # spares the writer
            self._now_leads(False)
            return
        self._now_leads(await self._db.write(self._lead))
        if self.leads and self._lane.forgetful:
            self._lane.send(await self._db.read(lambda conn: self._queue.overdue(conn, TOO_LONG, SENT_AGAIN)))

    def _lead(self, tx: Tx) -> bool:
        """Take or renew the lease and start what is due; False when another was faster."""
        if not self._alone and not self._lease(tx):
            return False
        tick(tx, self._queue, self._clock, self._schedule, self._owner)
        return True

    def _lease(self, tx: Tx) -> bool:
        now = self._clock.now()
        insert_or_ignore(tx, leases, [{"name": NAME, "owner": self._owner, "until": now}])
        values = {"owner": self._owner, "until": now + LEASE}
        free = update(leases).where(leases.c.name == NAME, not_(self._theirs()))
        return tx.execute(free.values(**values)).rowcount == 1

    def _somebody_else(self, conn: Connection) -> bool:
        return conn.execute(select(leases.c.owner).where(leases.c.name == NAME, self._theirs())).first() is not None

    def _theirs(self) -> ColumnElement[bool]:
        """Another has the lease. One that counts for too long was taken by a clock that was set back since."""
        now = self._clock.now()
        return and_(leases.c.owner != self._owner, leases.c.until > now, leases.c.until <= now + LEASE)

    def _now_leads(self, leads: bool) -> None:
        if leads != self.leads:
            log.info("leader.leads" if leads else "leader.stands_by", worker=self._owner)
        self.leads = leads
        metrics.LEADER.set(leads)

    async def _pause(self, stop: asyncio.Event) -> None:
        """Until the next turn, or *stop*."""
        seconds = TURN_ALONE_S if self._alone else TURN_S
        waits = [asyncio.create_task(stop.wait()), asyncio.create_task(self._clock.sleep(seconds))]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)

    async def _let_go(self) -> None:
        self._now_leads(False)
        if self._alone:
            return
        ours = leases.c.name == NAME, leases.c.owner == self._owner
        over = update(leases).where(*ours).values(until=self._clock.now())
        try:
            await self._db.write(lambda tx: tx.execute(over), limit_s=LAST_LIMIT_S)
        except DatabaseUnavailable as error:
            log.warning("leader.not_let_go", error=error.message)  # then the lease ends by itself
