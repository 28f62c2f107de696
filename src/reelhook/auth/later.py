"""Small writes that no request waits for, such as "last used at"."""

import asyncio
from collections.abc import Callable
from functools import partial

from reelhook import logs
from reelhook.db import Database, Tx
from reelhook.errors import ReelhookError

Work = Callable[[Tx], None]

log = logs.get("auth")


class Later:
    """Collects writes by key and commits them together behind the request. Losing one loses a time stamp, no more."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._waiting: dict[str, Work] = {}
        self._task: asyncio.Task[None] | None = None

    def write(self, key: str, work: Work) -> None:
        """Commit *work* soon; while one with the same *key* waits, this one is dropped."""
        self._waiting.setdefault(key, work)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name="auth-later")

    async def drain(self) -> None:
        """Wait until nothing is left to write."""
        if self._task is not None:
            await self._task

    async def _run(self) -> None:
        while self._waiting:
            batch, self._waiting = tuple(self._waiting.values()), {}
            try:
                await self._db.write(partial(_all, works=batch))
            except ReelhookError as error:
                log.warning("later_write_failed", error=str(error), writes=len(batch))


def _all(tx: Tx, works: tuple[Work, ...]) -> None:
    for work in works:
        work(tx)
