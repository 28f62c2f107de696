"""What becomes of the videos of somebody who was erased."""

from sqlalchemy import select

from reelhook.db import Database, Tx
from reelhook.db.tables import videos
from reelhook.jobs.kinds import ReleaseVideos
from reelhook.videos import Lifecycle

# So many in one transaction: nobody else waits long for the writer.
BATCH = 50


class ReleaseHandler:
    """Deletes them with their stored files, or leaves them without an owner.

    Interrupted, it goes on where it stopped.
    """

    def __init__(self, db: Database, lifecycle: Lifecycle) -> None:
        self._db, self._lifecycle = db, lifecycle

    async def __call__(self, work: ReleaseVideos) -> None:
        while await self._db.write(lambda tx: self._some(tx, work)):
            continue

    def _some(self, tx: Tx, work: ReleaseVideos) -> bool:
        """Whether there may be more."""
        theirs = select(videos.c.id).where(videos.c.subject == work.subject).order_by(videos.c.id).limit(BATCH)
        found = tx.execute(theirs).scalars().all()
        for video_id in found:
            if work.delete:
                self._lifecycle.delete(tx, video_id)
            else:
                self._lifecycle.amend(tx, video_id, subject=None)
        return len(found) == BATCH
