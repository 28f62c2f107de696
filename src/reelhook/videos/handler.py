"""The jobs about videos as such: asking HeyGen to render, and noticing what takes too long."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Row, select

from reelhook.db import Database, Tx
from reelhook.db.tables import videos
from reelhook.errors import NotFound, Unavailable
from reelhook.heygen import HeyGen, HeyGenError, creation_of
from reelhook.jobs import Destinations, Effect, Failure
from reelhook.jobs.kinds import FlagLate, RequestVideo
from reelhook.videos.lifecycle import Lifecycle
from reelhook.videos.signals import Signals
from reelhook.videos.states import FailedBy, State

# Where HeyGen may call back about one video (and whether its kind has an event); None where no callback is wanted.
CallbackUrl = Callable[[str, bool], str | None]


class NobodyToAsk(Unavailable):
    """The API key that was there when the video was requested is gone."""

    code = "no_api_key"


class RequestHandler:
    """Asks HeyGen to render. Our id is the Idempotency-Key, so a lost answer makes no second video."""

    def __init__(
        self,
        db: Database,
        lifecycle: Lifecycle,
        told: Signals,
        heygen: HeyGen | None,
        destinations: Destinations,
        callback_url: CallbackUrl,
    ) -> None:
        self._db, self._lifecycle, self._told, self._heygen = db, lifecycle, told, heygen
        self._destinations, self._callback_url = destinations, callback_url

    async def __call__(self, work: RequestVideo) -> Effect | None:
        try:
            video = await self._db.read(lambda conn: self._lifecycle.get(conn, work.video_id))
        except NotFound:
            return None
        if video.state != State.REQUESTED or video.heygen_video_id is not None:
            return None
        if self._heygen is None:
            raise NobodyToAsk("HeyGen cannot be asked to render: set REELHOOK_HEYGEN_API_KEY")
        # A destination of its own: HeyGen renders ten videos at once on Pay-As-You-Go and answers 429 beyond, while
        # everything else may still be asked. Fifty requests wait there without using up an attempt.
        async with self._destinations.reach("heygen renders", HeyGenError):
            made = await self._heygen.create_video(self._body(video), video.id)
        return lambda tx: self._made(tx, work.video_id, made.heygen_video_id)

    def _body(self, video: Row[Any]) -> dict[str, Any]:
        """What was asked for, with the way back to us where HeyGen takes one."""
        body, how = dict(video.request), creation_of(video.request)
        if how.takes_callback:
            body["callback_id"] = video.id
            if url := self._callback_url(video.id, how.has_event):
                body["callback_url"] = url
        return body

    def _made(self, tx: Tx, video_id: str, heygen_video_id: str) -> None:
        if _exists(tx, video_id):  # else it was deleted while HeyGen was asked
            self._told.created(tx, video_id, heygen_video_id)

    def on_dead(self, tx: Tx, work: RequestVideo, failure: Failure) -> None:
        """HeyGen said no, or could not be reached for so long that we gave up."""
        if not _exists(tx, work.video_id):
            return
        by = FailedBy.REELHOOK if failure.retryable else FailedBy.HEYGEN
        self._lifecycle.fail(tx, work.video_id, by, failure.outside_code or failure.code, failure.message)


class LateHandler:
    """Flags videos that take longer than usual."""

    def __init__(self, lifecycle: Lifecycle) -> None:
        self._lifecycle = lifecycle

    async def __call__(self, work: FlagLate) -> Effect:
        def effect(tx: Tx) -> None:
            self._lifecycle.flag_late(tx)

        return effect


def _exists(tx: Tx, video_id: str) -> bool:
    return tx.execute(select(videos.c.id).where(videos.c.id == video_id)).first() is not None
