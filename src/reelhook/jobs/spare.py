"""What cannot wait until there is a worker again: that people and systems are told that there is none."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from reelhook import logs
from reelhook.db import Database
from reelhook.jobs.handler import Handler
from reelhook.jobs.kinds import DeliverWebhook, SendChat, SendDeliveries, SendDigest, SendNotification, Work
from reelhook.jobs.queue import Queue
from reelhook.jobs.runner import Runner
from reelhook.kit.clock import Clock
from reelhook.kit.ids import Ids

TELLING: tuple[type[Work], ...] = (SendNotification, SendDigest, SendChat, SendDeliveries, DeliverWebhook)
KINDS = tuple(work.kind for work in TELLING)
LEASE = timedelta(minutes=5)  # longer than any of them may take: nobody keeps it alive
AT_ONCE = 8

log = logs.get("jobs")


class Spare:
    """Does what is due of `TELLING`, once. A worker that comes meanwhile takes what is left."""

    def __init__(
        self, db: Database, queue: Queue, clock: Clock, ids: Ids, handlers: Mapping[type[Work], Handler[Any]], name: str
    ) -> None:
        self._db, self._queue, self._name = db, queue, name
        self._runner = Runner(db, queue, clock, ids, {work.kind: handlers[work] for work in TELLING})
        self._runner.stopping = True  # whatever is cancelled is given back, for whoever comes next

    async def __call__(self) -> None:
        """Raises *DatabaseUnavailable*."""
        while due := await self._db.write(lambda tx: self._queue.claim(tx, self._name, LEASE, AT_ONCE, KINDS)):
            log.warning("jobs.done_by_server", jobs=len(due))
            await asyncio.gather(*map(self._runner.attempt, due))
