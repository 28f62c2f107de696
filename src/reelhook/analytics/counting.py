"""The job that counts the hours that are over, from the rows themselves: run twice, it says the same.

An hour is counted when it is over, and looked at again an hour, a day and a week later: events are applied late, and
what was refused while the database was away is written down afterwards. What a later look finds takes its place.
"""

from datetime import datetime, timedelta

from reelhook import logs
from reelhook.analytics.counts import all_counted
from reelhook.analytics.rows import counted_until, first_hour, mark, write_hour
from reelhook.analytics.spans import DAY, HOUR, hour_of
from reelhook.db import Database, Tx
from reelhook.jobs.kinds import CountHours
from reelhook.kit.clock import Clock

SETTLES = timedelta(minutes=1)  # what came in the last moment of an hour may be committed in the next
AGAIN = (HOUR, DAY, 7 * DAY)
LONGEST_S = 20.0  # a run; the next one goes on

log = logs.get("analytics")


class CountHandler:
    """Counts hour after hour, each in a transaction of its own. It reads beside all writers, and writes a few rows."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db, self._clock = db, clock

    async def __call__(self, work: CountHours) -> None:
        """Go on where the last run stopped, until the last hour that is over, or until it took long enough."""
        started, end = self._clock.monotonic(), hour_of(self._clock.now() - SETTLES)
        hour = await self._db.read(counted_until) or await self._db.read(first_hour) or end
        hours = 0
        while hour < end and self._clock.monotonic() - started < LONGEST_S:
            # Who is far behind counts what has settled long ago.
            looks = AGAIN if end - hour <= DAY else ()
            for earlier in (hour - back for back in looks):
                await self._count(earlier, None)
            await self._count(hour, hour + HOUR)
            hour, hours = hour + HOUR, hours + 1
        if hours:
            log.info("numbers.counted", hours=hours, until=hour.isoformat())

    async def _count(self, hour: datetime, until: datetime | None) -> None:
        found = await self._db.read(lambda conn: all_counted(conn, hour, hour + HOUR))

        def work(tx: Tx) -> None:
            write_hour(tx, hour, found)
            if until is not None:
                mark(tx, until)

        await self._db.write(work)
