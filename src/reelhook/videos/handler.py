"""The jobs about videos as such: asking HeyGen to render, and noticing what takes too long."""

from collections.abc import Callable

from reelhook.db import Database, Tx
from reelhook.db.tables import videos
from reelhook.errors import NotFound
from reelhook.heygen import HeyGen, creation_of
from reelhook.jobs import Effect, Failure, RetryPolicy
from reelhook.jobs.kinds import FlagLate, RequestVideo
from reelhook.videos.lifecycle import Lifecycle
from reelhook.videos.signals import Signals
from reelhook.videos.states import FailedBy, State

# HeyGen renders at most ten videos at once on Pay-As-You-Go and answers 429 beyond: a queue of fifty needs patience.
REQUEST_POLICY = RetryPolicy(attempts=60, base_s=2.0, cap_s=120.0)

# Where HeyGen may call back about one video (and whether its kind has an event); None where no callback is wanted.
CallbackUrl = Callable[[str, bool], str | None]


class RequestHandler:
    """Asks HeyGen to render. Our id is the Idempotency-Key, so a lost answer makes no second video."""

    def __init__(
        self, db: Database, lifecycle: Lifecycle, told: Signals, heygen: HeyGen | None, callback_url: CallbackUrl
    ) -> None:
        self._db, self._lifecycle, self._told, self._heygen = db, lifecycle, told, heygen
        self._callback_url = callback_url

    async def __call__(self, work: RequestVideo) -> Effect | None:
        try:
            video = await self._db.read(lambda conn: self._lifecycle.get(conn, work.video_id))
        except NotFound:
            return None
        if self._heygen is None or video.state != State.REQUESTED or video.heygen_video_id is not None:
            return None
        how = creation_of(video.request)
        body = dict(video.request)
        if how.takes_callback:
            body["callback_id"] = video.id
            if url := self._callback_url(video.id, how.has_event):
                body["callback_url"] = url
        made = await self._heygen.create_video(body, video.id)
        return lambda tx: self._told.created(tx, work.video_id, made.heygen_video_id)

    def on_dead(self, tx: Tx, work: RequestVideo, failure: Failure) -> None:
        """HeyGen said no, or could not be reached for so long that we gave up."""
        if tx.execute(videos.select().where(videos.c.id == work.video_id)).first() is None:
            return
        by = FailedBy.REELHOOK if failure.retryable else FailedBy.HEYGEN
        self._lifecycle.fail(tx, work.video_id, by, failure.code, failure.message)


class LateHandler:
    """Flags videos that take longer than usual."""

    def __init__(self, lifecycle: Lifecycle) -> None:
        self._lifecycle = lifecycle

    async def __call__(self, work: FlagLate) -> Effect:
        return lambda tx: (self._lifecycle.flag_late(tx), None)[1]
