"""At most one run of a kind at a time, in this process and in all others."""

from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import or_, update

from reelhook import logs
from reelhook.db import Database, Tx
from reelhook.db.insert import insert_or_ignore
from reelhook.db.tables import leases
from reelhook.errors import DatabaseUnavailable
from reelhook.kit.clock import Clock
from reelhook.reconcile.run import Kind

LEASE = timedelta(minutes=5)  # longer than a run may take: only a dead process is waited for

log = logs.get("reconcile")


class _Taken(Exception):
    """Somebody else has one of them."""


class Turns:
    """Who may run. SQLite's file belongs to one process, so there memory is enough; else a lease row decides."""

    def __init__(self, db: Database, clock: Clock, owner: str) -> None:
        self._db, self._clock, self._owner = db, clock, owner
        self._here: set[Kind] = set()

    async def take(self, kinds: Collection[Kind]) -> bool:
        """Take the turn for all of *kinds*, or for none."""
        if self._here & set(kinds):
            return False
        self._here |= set(kinds)
        taken = False
        try:
            taken = self._db.is_sqlite or await self._leased(kinds)
        finally:
            if not taken:
                self._here -= set(kinds)
        return taken

    async def give_back(self, kinds: Collection[Kind]) -> None:
        """Let others run. When that cannot be written down, the lease ends by itself."""
        self._here -= set(kinds)
        if self._db.is_sqlite:
            return
        try:
            await self._db.write(lambda tx: self._release(tx, kinds))
        except DatabaseUnavailable as error:
            log.warning("reconcile.turn_not_given_back", error=error.message)

    async def _leased(self, kinds: Collection[Kind]) -> bool:
        try:
            await self._db.write(lambda tx: self._lease(tx, kinds))
        except _Taken:
            return False
        return True

    def _lease(self, tx: Tx, kinds: Collection[Kind]) -> None:
        now = self._clock.now()
        names = sorted(map(_name, kinds))
        insert_or_ignore(tx, leases, [{"name": name, "owner": self._owner, "until": now} for name in names])
        # A lease that counts for longer than one was taken by a clock that was set back since.
        free = or_(leases.c.until <= now, leases.c.until > now + LEASE)
        values = {"owner": self._owner, "until": now + LEASE}
        for name in names:
            if tx.execute(update(leases).where(leases.c.name == name, free).values(**values)).rowcount != 1:
                raise _Taken

    def _release(self, tx: Tx, kinds: Collection[Kind]) -> None:
        ours = leases.c.name.in_(sorted(map(_name, kinds))), leases.c.owner == self._owner
        tx.execute(update(leases).where(*ours).values(until=self._clock.now()))


def _name(kind: Kind) -> str:
    return f"reconcile:{kind}"
