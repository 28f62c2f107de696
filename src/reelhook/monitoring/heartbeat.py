"""What this process says of itself, every few seconds, so that all others and every person can see it."""

import os
import socket
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, update

from reelhook import __version__, logs
from reelhook.db import Database, Tx
from reelhook.db.now import database_now
from reelhook.db.outages import Outage
from reelhook.db.tables import processes
from reelhook.errors import DatabaseUnavailable
from reelhook.jobs.destinations import Destination
from reelhook.kit.clock import Clock
from reelhook.kit.ids import Ids
from reelhook.monitoring.readiness import Lack

EVERY_S = 15.0
WINDOW_S = 60.0
GOODBYE_S = 2.0  # a process that stops waits no longer for its row to go

log = logs.get("monitoring")


@dataclass(frozen=True, slots=True)
class Report:
    """How the process is. *streams_opened*: since its start."""

    draining: bool = False
    streams: int = 0
    streams_opened: int = 0
    loop_lag_s: float = 0.0
    lacks: Sequence[Lack] = ()
    destinations: Sequence[Destination] = ()
    outage: Outage | None = None
    telemetry: Mapping[str, str] = field(default_factory=dict)


class Heartbeat:
    """Writes the row of this process again and again, and takes it away at an orderly end."""

    def __init__(
        self, db: Database, clock: Clock, ids: Ids, roles: Sequence[str], report: Callable[[], Awaitable[Report]]
    ) -> None:
        self._db, self._clock, self._report = db, clock, report
        self._opened: deque[tuple[float, int]] = deque()
        self._id = ids.new()
        self._fixed = {
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "roles": list(roles),
            "version": __version__,
            "started_at": clock.now(),
        }

    async def run(self) -> None:
        """Beat for ever."""
        while True:
            await self.beat()
            await self._clock.sleep(EVERY_S)

    async def beat(self) -> None:
        """Say once how this process is. While the database is away, the next one says it."""
        report = await self._report()
        opened = self._opened_lately(report.streams_opened)
        try:
            await self._db.write(lambda tx: self._write(tx, report, opened))
        except DatabaseUnavailable as error:
            log.warning("heartbeat.not_written", error=error.message)

    async def end(self) -> None:
        """Take the row away. What stays when the database is away counts as silent, and goes later."""
        try:
            await self._db.write(lambda tx: tx.execute(delete(processes).where(self._me)), limit_s=GOODBYE_S)
        except DatabaseUnavailable as error:
            log.warning("heartbeat.not_ended", error=error.message)

    @property
    def _me(self) -> Any:
        return processes.c.id == self._id

    def _opened_lately(self, total: int) -> int:
        now = self._clock.monotonic()
        self._opened.append((now, total))
        while now - self._opened[0][0] > WINDOW_S:
            self._opened.popleft()
        return total - self._opened[0][1]

    def _write(self, tx: Tx, report: Report, opened: int) -> None:
        seen_at, skew_s = self._compare_clocks(tx)
        said = {
            "seen_at": seen_at,
            "draining": report.draining,
            "streams": report.streams,
            "streams_opened": opened,
            "loop_lag_s": report.loop_lag_s,
            "clock_skew_s": skew_s,
            "lacks": list(report.lacks),
            "destinations": list(report.destinations),
            "outage": report.outage,
            "telemetry": dict(report.telemetry),
        }
        if not tx.execute(update(processes).where(self._me).values(**said)).rowcount:
            self._introduce(tx, said)

    def _introduce(self, tx: Tx, said: Mapping[str, Any]) -> None:
        if self._db.is_sqlite:  # one process owns the file: whoever else is named in it has died
            tx.execute(delete(processes))
        tx.execute(insert(processes).values(id=self._id, **self._fixed, **said))

    def _compare_clocks(self, tx: Tx) -> tuple[datetime, float]:
        """The database's time, and how far ours is ahead of it, as if its answer had taken as long as the question."""
        before = self._clock.now()
        there = database_now(tx.conn, before)
        after = self._clock.now()
        return there, 0.0 if self._db.is_sqlite else (before + (after - before) / 2 - there).total_seconds()
