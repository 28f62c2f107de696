"""Without Redis one process serves a Postgres database: it holds a lease, which is a row that it renews.

A row and no lock: behind pgbouncer a session, and its locks, belong to whoever comes next. All times are the database's
own, so that no machine's clock matters.
"""

import os
import socket
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn, Self

from sqlalchemy import Row, func, select, update

from reelhook import logs
from reelhook.db.engine import Database, Tx
from reelhook.db.insert import insert_or_ignore
from reelhook.db.ownership import AlreadyOwned
from reelhook.db.tables import leases
from reelhook.errors import DatabaseUnavailable
from reelhook.kit.clock import Clock
from reelhook.kit.ids import Ids

NAME = "process"
LEASE = timedelta(seconds=10)
RENEW_S = 2.0
LOOK_S = 0.25

log = logs.get("lease")


@dataclass(frozen=True, slots=True)
class Owner:
    """A process. *place*: on which boot of which machine its *pid* means something; empty where that is unknown."""

    host: str
    pid: int
    place: str
    life: str  # tells it from an earlier process that had the same pid

    @classmethod
    def this_process(cls, ids: Ids) -> Self:
        return cls(socket.gethostname(), os.getpid(), _place(), ids.token(6))

    @classmethod
    def parse(cls, written: str) -> Self:
        name, place, life = written.split(" ")
        host, _, pid = name.rpartition(":")
        return cls(host, int(pid), place, life)

    @property
    def name(self) -> str:
        return f"{self.host}:{self.pid}"

    def written(self) -> str:
        return f"{self.name} {self.place} {self.life}"

    def knows_as_dead(self, other: "Owner") -> bool:
        """False also when it cannot be known from here."""
        if not self.place or other.place != self.place:
            return False
        return other.pid == self.pid or not _alive(other.pid)


class ProcessLease:
    """`take` it before serving, `keep` it while serving, `release` it at the end."""

    def __init__(self, db: Database, clock: Clock, me: Owner) -> None:
        self._db, self._clock, self._me = db, clock, me

    async def take(self) -> None:
        """Raises *AlreadyOwned* as soon as another process is seen to live, and *DatabaseUnavailable*.

        One that died where we cannot see it has to be waited for: until its lease has run out.
        """
        first = await self._db.write(self._claim)
        if first is not None:
            log.warning("lease.held", by=Owner.parse(first.owner).name, waiting_s=LEASE.total_seconds())
        now = first
        while now is not None:
            assert first is not None
            if (now.owner, now.until) != (first.owner, first.until):
                _refuse(now)
            await self._clock.sleep(LOOK_S)
            now = await self._db.write(self._claim)

    async def keep(self) -> None:
        """Renew it for ever. Raises *AlreadyOwned* when another process took it, because this one stood still."""
        while True:
            await self._clock.sleep(RENEW_S)
            try:
                other = await self._db.write(self._renew)
            except DatabaseUnavailable as error:  # it is away for everybody
                log.warning("lease.not_renewed", error=error.message)
                continue
            if other is not None:
                raise AlreadyOwned(
                    f"{Owner.parse(other.owner).name} has taken over this database, because this process stood still "
                    f"for more than {LEASE.total_seconds():g} s"
                )

    async def release(self) -> None:
        """So that the next process starts at once. When the database is away, that one waits for the lease's end."""
        try:
            await self._db.write(self._release)
        except DatabaseUnavailable as error:
            log.warning("lease.not_released", error=error.message)

    @property
    def _ours(self) -> tuple[Any, ...]:
        return leases.c.name == NAME, leases.c.owner == self._me.written()

    def _renew(self, tx: Tx) -> Row[Any] | None:
        renewed = tx.execute(update(leases).where(*self._ours).values(until=_now(tx) + LEASE)).rowcount
        return None if renewed else self._claim(tx)

    def _release(self, tx: Tx) -> None:
        tx.execute(update(leases).where(*self._ours).values(until=_now(tx)))

    def _claim(self, tx: Tx) -> Row[Any] | None:
        """Take the lease if it is nobody's; otherwise the row of who has it."""
        mine = {"owner": self._me.written(), "until": _now(tx) + LEASE}
        if insert_or_ignore(tx, leases, [{"name": NAME, **mine}], returning=(leases.c.name,)):
            return None
        row = tx.execute(select(leases).where(leases.c.name == NAME).with_for_update()).one()
        now = _now(tx)  # with the lock: a renewal that had to be waited for counts from later than the moment before
        # One that counts for longer than a lease was noted by a clock that was set back since.
        over = not now < row.until <= now + LEASE
        if over or self._me.knows_as_dead(Owner.parse(row.owner)):
            tx.execute(update(leases).where(leases.c.name == NAME).values(**mine | {"until": now + LEASE}))
            return None
        return row


def _refuse(row: Row[Any]) -> NoReturn:
    raise AlreadyOwned(
        f"{Owner.parse(row.owner).name} already serves this database; to run more than one process, set "
        "REELHOOK_REDIS_URL for all of them"
    )


def _now(tx: Tx) -> datetime:
    now: datetime = tx.execute(select(func.clock_timestamp())).scalar_one()
    return now


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's
        return True
    return True


def _place() -> str:
    """This boot of this machine, and the namespace in which process numbers are unique: a container has its own."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot}/{os.readlink('/proc/self/ns/pid')}"
    except OSError:
        return ""
