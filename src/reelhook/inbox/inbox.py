"""The way in: arrivals that come while one transaction commits go into the next one together."""

import asyncio
from collections import deque

from reelhook import logs, metrics
from reelhook.db import Database
from reelhook.errors import DatabaseUnavailable
from reelhook.inbox import store
from reelhook.inbox.arrival import Arrival, Receipt
from reelhook.jobs import Queue
from reelhook.kit.ids import Ids

BATCH = 256
MOST_WAITING = 4096  # about 4 MiB of usual bodies; beyond it the sender is told to come back
COMMIT_LIMIT_S = 7.0  # HeyGen waits 10 s for an answer

log = logs.get("inbox")
Waiting = tuple[Arrival, asyncio.Future[Receipt]]


class Inbox:
    """Group commit. The batch grows by itself while the previous one is on its way to the disk: no timer."""

    def __init__(self, db: Database, ids: Ids, queue: Queue) -> None:
        self._db, self._ids, self._queue = db, ids, queue
        self._waiting: deque[Waiting] = deque()
        self._committing: asyncio.Task[None] | None = None

    async def accept(self, arrival: Arrival) -> Receipt:
        """Return the receipt after event and work are committed to disk.

        Raises *DatabaseUnavailable* when they are not, or not in time: then the sender must try again, and if the
        commit comes through after all, that second delivery is recognised as a repeat.
        """
        if len(self._waiting) >= MOST_WAITING:
            raise DatabaseUnavailable("too many deliveries are waiting for the database", retry_after_s=5)
        future: asyncio.Future[Receipt] = asyncio.get_running_loop().create_future()
        self._waiting.append((arrival, future))
        if self._committing is None:
            self._committing = asyncio.create_task(self._commit_all(), name="inbox-commit")
        try:
            return await asyncio.wait_for(future, COMMIT_LIMIT_S)
        except TimeoutError:
            raise DatabaseUnavailable("the commit takes too long", retry_after_s=5) from None

    async def close(self) -> None:
        """Wait until everything that was accepted is committed or refused."""
        if self._committing is not None:
            await self._committing

    async def _commit_all(self) -> None:
        """Commit what waits, batch after batch; ends when nothing does."""
        try:
            while self._waiting:
                size = min(BATCH, len(self._waiting))
                # Who stopped waiting was answered 503 and will come again.
                batch = [pair for pair in (self._waiting.popleft() for _ in range(size)) if not pair[1].done()]
                if batch:
                    await self._commit(batch)
        finally:
            self._committing = None

    async def _commit(self, batch: list[Waiting]) -> None:
        arrivals = [arrival for arrival, _ in batch]
        metrics.COMMIT_BATCH.observe(len(batch))
        try:
            receipts = await self._store(arrivals)
        except DatabaseUnavailable as error:
            _refuse(batch, error)
        except Exception as error:  # noqa: BLE001 - one bad row must refuse only itself
            await self._one_by_one(batch, error)
        else:
            for (_, future), receipt in zip(batch, receipts, strict=True):
                if not future.done():
                    future.set_result(receipt)

    async def _store(self, arrivals: list[Arrival]) -> list[Receipt]:
        return await self._db.write(
            lambda tx: store.commit(tx, arrivals, self._ids, self._queue), limit_s=2 * COMMIT_LIMIT_S
        )

    async def _one_by_one(self, batch: list[Waiting], error: Exception) -> None:
        if len(batch) == 1:
            log.error("inbox.unstorable", type=batch[0][0].type, exc_info=error)
            _refuse(batch, DatabaseUnavailable(f"the event could not be stored: {type(error).__name__}"))
            return
        for one in batch:
            await self._commit([one])


def _refuse(batch: list[Waiting], error: DatabaseUnavailable) -> None:
    log.error("inbox.not_committed", deliveries=len(batch), error=error.message)
    for _, future in batch:
        if not future.done():
            future.set_exception(error)
