"""The job that prunes: batch after batch, each in a transaction of its own, within a time."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from reelhook import logs, metrics
from reelhook.db import Database
from reelhook.db.sweep import Sweep
from reelhook.jobs.kinds import Prune
from reelhook.kit.clock import Clock

BATCH = 500  # rows that one transaction looks at
LONGEST_S = 60.0  # a run; the next one goes on

log = logs.get("retention")


class PruneHandler:
    """Drives the sweeps. Every table gets a batch in turn, so a flood in one does not keep the others waiting.

    Between two batches every other writer that waits gets its turn: the database serves them in the order of asking.
    """

    def __init__(self, db: Database, clock: Clock, sweeps: Callable[[datetime], Sequence[Sweep]]) -> None:
        self._db, self._clock, self._sweeps = db, clock, sweeps

    async def __call__(self, work: Prune) -> None:
        started = self._clock.monotonic()
        open_ = [_Run(self._db, sweep) for sweep in self._sweeps(self._clock.now())]
        runs = tuple(open_)
        while open_ and self._clock.monotonic() - started < LONGEST_S:
            open_ = [run for run in open_ if await run.goes_on()]
        removed = Counter({run.table: run.removed for run in runs if run.removed})
        log.info("retention.pruned", rows=dict(removed), unfinished=[run.table for run in open_])
        if failed := [run.error for run in runs if run.error is not None]:
            raise failed[0]


class _Run:
    """One sweep in one run of the job."""

    def __init__(self, db: Database, sweep: Sweep) -> None:
        self._db, self._sweep, self.table = db, sweep, sweep.table
        self._bound: Any = None
        self._after: Any = None
        self.removed = 0
        self.error: Exception | None = None

    async def goes_on(self) -> bool:
        """Do the next batch; whether there is another. A table that cannot be pruned holds up no other."""
        try:
            if self._after is None:
                self._bound = await self._db.read(self._sweep.bound)
            return self._bound is not None and await self._batch()
        except Exception as error:  # raised at the end of the run, when the others had their turn
            log.error("retention.failed", table=self.table, exc_info=error)
            self.error = error
            return False

    async def _batch(self) -> bool:
        done = await self._db.write(lambda tx: self._sweep.batch(tx, self._after, self._bound, BATCH))
        self._after, self.removed = done.after, self.removed + done.removed
        metrics.PRUNED.labels(self.table).inc(done.removed)
        return done.after is not None
