"""The way in: arrivals that come while one transaction commits go into the next one together."""

import asyncio
from collections import deque
from contextvars import Context
from dataclasses import replace

from reelhook import logs, metrics, tracing
from reelhook.db import Database
from reelhook.errors import DatabaseUnavailable
from reelhook.inbox import store
from reelhook.inbox.arrival import Arrival, Receipt
from reelhook.jobs import Queue
from reelhook.kit.ids import Ids
from reelhook.kit.patience import Patience

BATCH = 256
# Beyond either the sender is told to come back: a database that is away must not cost all memory.
MOST_WAITING = 4096
MOST_WAITING_BYTES = 64 * 1024 * 1024
COMMIT_LIMIT_S = 7.0  # HeyGen waits 10 s for an answer
COME_BACK_S = 5.0

log = logs.get("inbox")
Waiting = tuple[Arrival, asyncio.Future[Receipt]]


class Inbox:
    """Group commit. The batch grows by itself while the previous one is on its way to the disk: no timer."""

    def __init__(self, db: Database, ids: Ids, queue: Queue) -> None:
        self._db, self._ids, self._queue = db, ids, queue
        self._waiting: deque[Waiting] = deque()
        self._waiting_bytes = 0
        self._committing: asyncio.Task[None] | None = None
        self._patience = Patience(_too_long)

    async def accept(self, arrival: Arrival) -> Receipt:
        """Return the receipt after event and work are committed to disk.

        Raises *DatabaseUnavailable* when they are not, or not in time: then the sender must try again, and if the
        commit comes through after all, that second delivery is recognised as a repeat.
        """
        trace = tracing.carried()
        return await self._enqueue(arrival if trace is None else replace(arrival, trace=trace))

    async def close(self) -> None:
        """Wait until everything that was accepted is committed or refused."""
        if self._committing is not None:
            await self._committing

    def _enqueue(self, arrival: Arrival) -> asyncio.Future[Receipt]:
        if len(self._waiting) >= MOST_WAITING or self._waiting_bytes + len(arrival.body) > MOST_WAITING_BYTES:
            raise DatabaseUnavailable("too many deliveries wait for the database", retry_after_s=COME_BACK_S)
        future: asyncio.Future[Receipt] = asyncio.get_running_loop().create_future()
        self._patience.watch(future, COMMIT_LIMIT_S)
        self._waiting.append((arrival, future))
        self._waiting_bytes += len(arrival.body)
        if self._committing is None:
            # In a context of its own: it commits for many, so its lines name none of those who wait.
            self._committing = asyncio.create_task(self._commit_all(), name="inbox-commit", context=Context())
        return future

    async def _commit_all(self) -> None:
        """Commit what waits, batch after batch; ends when nothing does."""
        try:
            while self._waiting:
                # Who stopped waiting was answered 503 and will come again.
                if batch := [pair for pair in self._next_batch() if not pair[1].done()]:
                    await self._commit(batch)
        finally:
            self._committing = None

    def _next_batch(self) -> list[Waiting]:
        batch = [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]
        self._waiting_bytes -= sum(len(arrival.body) for arrival, _ in batch)
        return batch

    async def _commit(self, batch: list[Waiting]) -> None:
        metrics.COMMIT_BATCH.observe(len(batch))
        try:
            receipts = await self._store([arrival for arrival, _ in batch])
        except DatabaseUnavailable as error:
            _refuse(batch, error.message, error)
        except Exception as error:  # noqa: BLE001 - one bad row must refuse only itself
            await self._one_by_one(batch, error)
        else:
            for (_, future), receipt in zip(batch, receipts, strict=True):
                if not future.done():
                    future.set_result(receipt)

    async def _store(self, arrivals: list[Arrival]) -> list[Receipt]:
        # Longer than any sender waits: a commit that is only slow makes their next delivery a repeat.
        return await self._db.write(
            lambda tx: store.commit(tx, arrivals, self._ids, self._queue), limit_s=2 * COMMIT_LIMIT_S
        )

    async def _one_by_one(self, batch: list[Waiting], error: Exception) -> None:
        if len(batch) > 1:
            for one in batch:
                await self._commit([one])
        else:
            _refuse(batch, f"the event could not be stored: {type(error).__name__}", error)


def _too_long() -> DatabaseUnavailable:
    return DatabaseUnavailable("the commit takes too long", retry_after_s=COME_BACK_S)


def _refuse(batch: list[Waiting], message: str, cause: Exception) -> None:
    """Tell every sender; each gets an error of its own, for an error that is raised grows a traceback."""
    unexpected = None if isinstance(cause, DatabaseUnavailable) else cause
    log.error("inbox.not_committed", deliveries=len(batch), error=message, exc_info=unexpected)
    for _, future in batch:
        if not future.done():
            future.set_exception(DatabaseUnavailable(message, retry_after_s=COME_BACK_S))
