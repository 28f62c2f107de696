"""How much was refused in each hour and why: counted in memory, added to the table together, once a second."""

import asyncio
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update

from reelhook import logs, metrics
from reelhook.db import Database, Tx
from reelhook.db.insert import insert_or_ignore
from reelhook.db.tables import rejection_counts
from reelhook.errors import DatabaseUnavailable
from reelhook.kit.clock import Clock

EVERY_S = 1.0
# Hours times doors times reasons: some days without the database. What is beyond is lost, and said to be.
MOST_WAITING = 2_000

Key = tuple[datetime, str, str]

log = logs.get("inbox")


@dataclass(slots=True)
class Number:
    """Of one hour, door and reason: how many were *refused*, and of how many a row was *kept*."""

    refused: int = 0
    kept: int = 0


class RejectionCounts:
    """No request waits for this. A process that is killed loses what it counted in the last second.

    When a commit is not answered in time it is done again, so a database in trouble may count some twice.
    """

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db, self._clock = db, clock
        self._waiting: dict[Key, Number] = {}
        self._something = asyncio.Event()
        self._one_at_a_time = asyncio.Lock()  # so that the last flush waits for the one before

    def count(self, at: datetime, endpoint: str, reason: str, *, kept: bool) -> None:
        """One was refused."""
        self._add((at.replace(minute=0, second=0, microsecond=0), endpoint, reason), Number(1, int(kept)))
        self._something.set()

    async def run(self) -> None:
        """Write what was counted, soon after it was, for ever."""
        while True:
            await self._something.wait()
            await self._clock.sleep(EVERY_S)
            await self.flush()

    async def flush(self, *, last: bool = False) -> None:
        """Write what was counted. What cannot be written waits; when it is the *last* time, it is lost and logged."""
        async with self._one_at_a_time:
            batch, self._waiting = self._waiting, {}
            self._something.clear()
            if batch:
                await self._write(batch, last=last)

    async def _write(self, batch: dict[Key, Number], *, last: bool) -> None:
        try:
            await self._db.write(lambda tx: _written(tx, batch))
        except DatabaseUnavailable as error:
            log.warning("rejection.counts_not_written", error=error.message, waiting=len(batch))
            give_up = self._lose if last else self._put_back
            give_up(batch)
        except Exception as error:  # a count must not end what it counts, nor be tried for ever
            log.warning("rejection.counts_not_written", error=str(error), waiting=len(batch), exc_info=error)
            self._lose(batch)

    def _put_back(self, batch: dict[Key, Number]) -> None:
        for key, number in batch.items():
            self._add(key, number)
        self._something.set()

    def _add(self, key: Key, more: Number) -> None:
        number = self._waiting.get(key)
        if number is None and len(self._waiting) >= MOST_WAITING:
            self._lose({key: more})
            return
        number = self._waiting.setdefault(key, Number())
        number.refused += more.refused
        number.kept += more.kept

    def _lose(self, batch: dict[Key, Number]) -> None:
        count = sum(number.refused for number in batch.values())
        metrics.REJECTION_COUNTS_LOST.inc(count)
        log.error("rejection.counts_lost", rejections=count)


def _written(tx: Tx, batch: dict[Key, Number]) -> None:
    """In the order of the keys: two processes that count the same must not wait for each other."""
    table, in_order = rejection_counts.c, sorted(batch.items())
    rows = [{"hour": key[0], "endpoint": key[1], "reason": key[2], "refused": 0, "kept": 0} for key, _ in in_order]
    insert_or_ignore(tx, rejection_counts, rows)
    for (hour, endpoint, reason), number in in_order:
        this = update(rejection_counts).where(table.hour == hour, table.endpoint == endpoint, table.reason == reason)
        tx.execute(this.values(refused=table.refused + number.refused, kept=table.kept + number.kept))
