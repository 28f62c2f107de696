"""Looks after the evaluation itself: when no worker does it any more, a serving process does."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from sqlalchemy import func, select

from reelhook import logs
from reelhook.db import Database
from reelhook.db.tables import rule_readings
from reelhook.errors import DatabaseUnavailable
from reelhook.kit.clock import Clock
from reelhook.monitoring.evaluation import Evaluation

EVERY_S = 60.0
TOO_LONG = timedelta(minutes=3)  # six times the interval at which workers evaluate

# Sends what people and systems are to be told; else a worker does that.
Tell = Callable[[], Awaitable[None]]

log = logs.get("monitoring")


class Watch:
    """Without it nobody would be told that there is no worker: the rules are evaluated by one."""

    def __init__(self, db: Database, clock: Clock, evaluation: Evaluation) -> None:
        self._db, self._clock, self._evaluation = db, clock, evaluation

    async def run(self, tell: Tell) -> None:
        """Look again and again, for ever, and have told what is found."""
        while True:
            await self._clock.sleep(EVERY_S)
            try:
                await self.look(tell)
            except DatabaseUnavailable as error:
                log.warning("watch.waiting", error=error.message)

    async def look(self, tell: Tell) -> bool:
        """Evaluate and *tell* if that was not done for too long; whether it was done now.

        Raises *DatabaseUnavailable*.
        """
        newest = await self._db.read(lambda conn: conn.execute(select(func.max(rule_readings.c.at))).scalar())
        if newest is not None and self._clock.now() - newest < TOO_LONG:
            return False
        log.warning("rules.evaluated_by_server", last=None if newest is None else newest.isoformat())
        await self._db.write(await self._evaluation.look())
        await tell()
        return True
