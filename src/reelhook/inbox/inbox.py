"""The way in: arrivals that come while one transaction commits go into the next one together."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from reelhook import logs, metrics, tracing
from reelhook.db import Database, Tx
from reelhook.db.together import Together
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


class Inbox:
    """Commits the deliveries that come while the writer is busy in one transaction."""

    def __init__(self, db: Database, ids: Ids, queue: Queue) -> None:
        self._ids, self._queue = ids, queue
        self._together = Together(
            db,
            self._store,
            name="inbox-commit",
            most=BATCH,
            # Longer than any sender waits: a commit that is only slow makes their next delivery a repeat.
            limit_s=2 * COMMIT_LIMIT_S,
            weigh=lambda arrival: len(arrival.body),
            refusal=_refused,
        )
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
        await self._together.close()

    def _enqueue(self, arrival: Arrival) -> asyncio.Future[Receipt]:
        waiting = self._together
        if len(waiting) >= MOST_WAITING or waiting.weight + len(arrival.body) > MOST_WAITING_BYTES:
            raise DatabaseUnavailable("too many deliveries wait for the database", retry_after_s=COME_BACK_S)
        future = waiting.put(arrival)
        self._patience.watch(future, COMMIT_LIMIT_S)
        return future

    def _store(self, tx: Tx, arrivals: Sequence[Arrival]) -> list[Receipt]:
        metrics.COMMIT_BATCH.observe(len(arrivals))
        return store.commit(tx, arrivals, self._ids, self._queue)


def _too_long() -> DatabaseUnavailable:
    return DatabaseUnavailable("the commit takes too long", retry_after_s=COME_BACK_S)


def _refused(cause: Exception, deliveries: int) -> DatabaseUnavailable:
    """What their senders are told."""
    away = isinstance(cause, DatabaseUnavailable)
    message = str(cause) if away else f"the event could not be stored: {type(cause).__name__}"
    log.error("inbox.not_committed", deliveries=deliveries, error=message, exc_info=None if away else cause)
    return DatabaseUnavailable(message, retry_after_s=COME_BACK_S)
