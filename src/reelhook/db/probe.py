"""Whether the database takes a write right now: it may well answer questions while it is locked, full or read-only."""

import asyncio

from sqlalchemy import update

from reelhook.db.engine import Database, Tx
from reelhook.db.insert import insert_or_ignore
from reelhook.db.tables import marks
from reelhook.errors import DatabaseUnavailable
from reelhook.kit.clock import Clock

MARK = "write_probe"
GOOD_FOR_S = 1.0  # anybody may ask; whoever asks sooner gets the same answer
LIMIT_S = 2.0


class WriteProbe:
    """Tries a small write when asked, at most once a second."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db, self._clock = db, clock
        self._trying: asyncio.Task[str | None] | None = None
        self._began = 0.0

    async def __call__(self) -> None:
        """Raises *DatabaseUnavailable* when it is not committed."""
        now = self._clock.monotonic()
        if self._trying is None or (self._trying.done() and now - self._began >= GOOD_FOR_S):
            self._began = now
            self._trying = asyncio.create_task(self._trouble(), name="write-probe")
        trouble = await asyncio.shield(self._trying)
        if trouble is not None:
            raise DatabaseUnavailable(trouble)

    async def _trouble(self) -> str | None:
        try:
            await self._db.write(self._write, limit_s=LIMIT_S)
        except DatabaseUnavailable as error:
            return error.message
        return None

    def _write(self, tx: Tx) -> None:
        now = self._clock.now().isoformat()
        insert_or_ignore(tx, marks, [{"name": MARK, "value": now}])
        tx.execute(update(marks).where(marks.c.name == MARK).values(value=now))
