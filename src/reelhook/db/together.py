"""Group commit: what waits when a transaction begins goes into it together."""

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextvars import Context
from copy import copy
from typing import Generic, TypeVar

from reelhook.db.engine import LIMIT_S, Database, Tx
from reelhook.errors import DatabaseUnavailable

Item = TypeVar("Item")
Answer = TypeVar("Answer")
Waiting = tuple[Item, asyncio.Future[Answer]]


class Together(Generic[Item, Answer]):
    """Has *work* commit what is put, many items in one transaction, and gives each the answer in its place.

    A batch grows by itself while others are on their way to the disk, up to *most* items: no timer. At most *at_once*
    are on their way. Of one that fails each item is committed alone, so that a bad one refuses only itself; when the
    database is away, all are refused. *refusal* is called once for all whom an error refuses, with their number, and
    returns what they are told. *weigh* is for `weight`, that of all that waits. *limit_s* is that of `Database.write`.
    """

    def __init__(
        self,
        db: Database,
        work: Callable[[Tx, Sequence[Item]], Sequence[Answer]],
        *,
        name: str,
        most: int,
        at_once: int = 1,
        limit_s: float = LIMIT_S,
        weigh: Callable[[Item], int] = lambda _: 0,
        refusal: Callable[[Exception, int], Exception] = lambda error, _: error,
    ) -> None:
        self._db, self._work, self._name, self._most, self._limit_s = db, work, name, most, limit_s
        self._weigh, self._refusal = weigh, refusal
        self._waiting: deque[Waiting[Item, Answer]] = deque()
        self._lock = threading.Lock()  # batches are drawn in the writers' threads
        self._at_once = at_once
        self._committing: set[asyncio.Task[None]] = set()
        self.weight = 0

    def __len__(self) -> int:
        """How many items wait for a transaction to begin."""
        return len(self._waiting)

    def put(self, item: Item) -> asyncio.Future[Answer]:
        """Have *item* committed. Cancelling the future takes it back, if its transaction has not begun."""
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        with self._lock:
            self._waiting.append((item, future))
            self.weight += self._weigh(item)
        if len(self._committing) < self._at_once:
            # In a context of its own: it commits for many, so its lines name none of those who wait.
            self._committing.add(asyncio.create_task(self._commit_all(), name=self._name, context=Context()))
        return future

    async def close(self) -> None:
        """Wait until all that was put is committed or refused."""
        if self._committing:
            await asyncio.wait(self._committing)

    async def _commit_all(self) -> None:
        """Commit what waits, batch after batch; ends when nothing does."""
        task = asyncio.current_task()
        assert task is not None
        try:
            while self._waiting:
                await self._commit(_Batch(self._next))
        finally:
            self._committing.remove(task)

    def _next(self) -> list[Waiting[Item, Answer]]:
        with self._lock:
            drawn = [self._waiting.popleft() for _ in range(min(self._most, len(self._waiting)))]
            self.weight -= sum(self._weigh(item) for item, _ in drawn)
        return drawn

    async def _commit(self, batch: "_Batch[Item, Answer]") -> None:
        try:
            answers = await self._db.write(lambda tx: self._begin(tx, batch), limit_s=self._limit_s)
        except Exception as error:  # noqa: BLE001 - whatever it is, those who wait are told
            await self._fail(batch.drawn(), error)
        else:
            for future, answer in answers:
                if not future.done():
                    future.set_result(answer)

    def _begin(self, tx: Tx, batch: "_Batch[Item, Answer]") -> list[tuple[asyncio.Future[Answer], Answer]]:
        """Draw the batch now that it can go. Who stopped waiting, or was refused meanwhile, is left out."""
        batch_now = [(item, future) for item, future in batch.drawn() if not future.done()]
        if not batch_now:
            return []
        answers = self._work(tx, [item for item, _ in batch_now])
        return [(future, answer) for (_, future), answer in zip(batch_now, answers, strict=True)]

    async def _fail(self, batch: list[Waiting[Item, Answer]], error: Exception) -> None:
        if len(batch) > 1 and not isinstance(error, DatabaseUnavailable):
            for one in batch:
                await self._commit(_Batch([one].copy))
            return
        refused = [future for _, future in batch if not future.done()]
        told = self._refusal(error, len(refused))
        for future in refused:
            # Each its own, for an error that is raised grows a traceback. A copy has none, so a lone one is no copy.
            future.set_exception(copy(told) if len(refused) > 1 else told)


class _Batch(Generic[Item, Answer]):
    """What a transaction takes along: drawn once, as late as can be, or by who gives up waiting for it to begin."""

    def __init__(self, draw: Callable[[], list[Waiting[Item, Answer]]]) -> None:
        self._draw = draw
        self._drawn: list[Waiting[Item, Answer]] | None = None
        self._lock = threading.Lock()

    def drawn(self) -> list[Waiting[Item, Answer]]:
        with self._lock:
            if self._drawn is None:
                self._drawn = self._draw()
        return self._drawn
