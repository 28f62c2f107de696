"""Our own videos: those whose webhook should have come are asked about."""

from reelhook.db import Database
from reelhook.kit.clock import Clock
from reelhook.reconcile.asking import Asking
from reelhook.reconcile.run import Look
from reelhook.reconcile.waiting import waiting


class VideosLook:
    """Asks HeyGen about the videos that wait for it, in bulk where that is possible."""

    def __init__(self, db: Database, clock: Clock, asking: Asking) -> None:
        self._db, self._clock, self._asking = db, clock, asking

    async def idle(self) -> bool:
        return not await self._db.read(lambda conn: waiting(conn, self._clock.now(), most=1))

    async def __call__(self, look: Look) -> None:
        due = not look.thorough
        rows = await self._db.read(lambda conn: waiting(conn, self._clock.now(), due=due))
        async for _ in self._asking.about(rows, look):
            continue
