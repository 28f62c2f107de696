"""Every video ends: what HeyGen never finishes has failed, and what nobody stores any more is taken up again."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Connection, Row, and_, exists, literal, select, text

from reelhook import logs
from reelhook.db import Tx
from reelhook.db.tables import assets, jobs, videos
from reelhook.heygen import ASKABLE, HeyGenError
from reelhook.jobs import Postpone
from reelhook.jobs.kinds import ArchiveAsset, EndVideos
from reelhook.reconcile.asking import Asking
from reelhook.reconcile.core import Core
from reelhook.reconcile.run import Look
from reelhook.reconcile.waiting import IS_WAITING, waiting_since
from reelhook.videos import State
from reelhook.videos.states import FailedBy

MOST = 500
GAVE_UP = "gave_up_waiting"
# Written out, so that SQLite sees that the index of open jobs serves.
IS_OPEN = text("jobs.state IN ('available', 'retryable', 'running')")

log = logs.get("reconcile")


class EndHandler:
    """Ends the wait for HeyGen after *give_up_after*; HeyGen is asked first, when *asking* is possible."""

    def __init__(self, core: Core, asking: Asking | None, give_up_after: timedelta) -> None:
        self._db, self._clock, self._lifecycle = core.db, core.clock, core.lifecycle
        self._asking, self._after = asking, give_up_after

    async def __call__(self, work: EndVideos) -> None:
        await self._give_up()
        await self._take_up()

    async def _give_up(self) -> None:
        now = self._clock.now()
        rows = await self._db.read(lambda conn: waiting_since(conn, now - self._after))
        spared = await self._spared(rows, now)
        over = [row for row in rows if row.id not in spared]
        if over:
            await self._db.write(lambda tx: self._fail(tx, over))

    async def _spared(self, rows: Sequence[Row[Any]], now: datetime) -> set[str]:
        """The videos that HeyGen did finish, and for as long again those of which it cannot tell just now."""
        if self._asking is None:
            return set()
        asked = [row for row in rows if _can_be_asked(row) and row.created_at > now - 2 * self._after]
        finished, unknown = set[str](), {str(row.id) for row in asked}
        try:
            async for video, answer in self._asking.about(asked, Look()):
                unknown.discard(video.id)
                if answer is not None and answer.status in ("completed", "failed"):
                    finished.add(video.id)
        except Postpone as reason:
            log.warning("reconcile.not_given_up", videos=len(unknown), error=str(reason))
        except HeyGenError as error:
            log.warning("reconcile.not_given_up", videos=len(unknown), error=error.message)
            unknown = unknown if error.retryable else set()
        return finished | unknown

    def _fail(self, tx: Tx, rows: Sequence[Row[Any]]) -> None:
        hours = f"{self._after / timedelta(hours=1):g} hours"
        words = f"HeyGen did not finish this video within {hours}. Should it come after all, it will be stored."
        still = select(videos).where(videos.c.id.in_([row.id for row in rows]), IS_WAITING)
        for row in tx.execute(still.order_by(videos.c.id).with_for_update()).fetchall():
            self._lifecycle.fail(tx, row.id, FailedBy.REELHOOK, GAVE_UP, words)
            log.warning("reconcile.gave_up", video_id=row.id, heygen_video_id=row.heygen_video_id)

    async def _take_up(self) -> None:
        for video_id in await self._db.read(_stranded):
            await self._db.write(partial(self._go_on, video_id=video_id))

    def _go_on(self, tx: Tx, video_id: str) -> None:
        """Store it after all; what a dead letter has given up is left to a person."""
        video = tx.execute(select(videos).where(videos.c.id == video_id).with_for_update()).first()
        if video is None or not _stranded(tx.conn, video_id):
            return
        dead = _dead_letter(tx.conn, video_id)
        if dead is not None:
            code, message = dead["code"], dead["message"]
            reason = {"failure_code": code, "failure_message": message}
            self._lifecycle.transition(tx, video_id, State.UNARCHIVED, message, data={"code": code}, **reason)
        else:
            self._lifecycle.note(tx, video_id, "taken_up", "Nobody was storing this video; that is taken up again")
            self._lifecycle.want_asset(tx, video_id, "video", video.source_url)
        log.warning("reconcile.taken_up", video_id=video_id, dead=dead is not None)


def _can_be_asked(video: Row[Any]) -> bool:
    return video.heygen_video_id is not None and video.kind in ASKABLE


def _stranded(conn: Connection, video_id: str | None = None) -> Sequence[str]:
    """The videos that should be being stored, but have no job that does it."""
    main = and_(assets.c.video_id == videos.c.id, assets.c.role == "video")
    key = literal(f"{ArchiveAsset.kind}:") + assets.c.id
    at_work = exists().where(main, jobs.c.unique_key == key, IS_OPEN)
    query = select(videos.c.id).where(videos.c.state.in_((State.RENDERED, State.ARCHIVING)), ~at_work)
    if video_id is not None:
        query = query.where(videos.c.id == video_id)
    return conn.execute(query.order_by(videos.c.id).limit(MOST)).scalars().all()


def _dead_letter(conn: Connection, video_id: str) -> dict[str, Any] | None:
    """Why the last job for its main file died, if it did."""
    main = select(assets.c.id).where(assets.c.video_id == video_id, assets.c.role == "video")
    asset_id = conn.execute(main).scalar()
    of_video = select(jobs).where(jobs.c.video_id == video_id, jobs.c.kind == ArchiveAsset.kind)
    rows = [row for row in conn.execute(of_video.order_by(jobs.c.id)) if row.payload.get("asset_id") == asset_id]
    return rows[-1].error if rows and rows[-1].state == "dead" else None
