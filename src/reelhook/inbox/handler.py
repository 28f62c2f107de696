"""The jobs that make stored events count: apply them, or ask HeyGen first when nobody signed for them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from reelhook.db import Database, Tx
from reelhook.db.tables import events
from reelhook.db.together import Together
from reelhook.errors import NotFound, Unavailable
from reelhook.events import VideoSignal
from reelhook.heygen import HeyGen, HeyGenError, RemoteVideo
from reelhook.inbox import drift
from reelhook.inbox.applying import (
    GROUP,
    Applying,
    Asked,
    Listener,
    decisive,
    in_groups,
    locked,
    moved,
    nobody,
    not_applied,
    note_replay,
    settle,
)
from reelhook.jobs import Destinations, Effect, Failure, Postpone, Queue
from reelhook.jobs.kinds import ApplyEvents, ConfirmVideo
from reelhook.kit.clock import Clock
from reelhook.videos import Lifecycle, Signals
from reelhook.videos.states import State


class NotConfirmed(Unavailable):
    """HeyGen does not say (yet) what an unsigned post claims."""

    code = "not_confirmed"


class ApplyHandler:
    """Applies the events of a job, a group in each transaction, in which those of other jobs may be too.

    No more groups are on their way than can be written at once: an arrival is committed behind those, not all jobs'.
    """

    def __init__(
        self, db: Database, clock: Clock, queue: Queue, told: Signals, *, can_ask: bool, listener: Listener = nobody
    ) -> None:
        self._together = Together(db, self._apply, name="apply-events", most=GROUP, at_once=db.writers)
        self._applying = Applying(clock, queue, told, can_ask=can_ask, listener=listener)

    async def __call__(self, work: ApplyEvents) -> Effect | None:
        if failed := await in_groups(work.event_ids, self._together):
            raise decisive(failed.values())
        return None

    def on_dead(self, tx: Tx, work: ApplyEvents, failure: Failure) -> None:
        """Events that could not be applied stay pending, and say why."""
        not_applied(tx, work.event_ids, failure)

    def _apply(self, tx: Tx, asked: Sequence[Asked]) -> Sequence[None]:
        """Apply those that were not applied before: their state changes in the same transaction."""
        within = dict(asked)
        group = locked(tx, within, events.c.state == "pending")
        self._applying.apply(tx, group, within)
        drift.note(tx, group)
        return [None] * len(asked)


class ConfirmHandler:
    """Asks HeyGen how a video stands and applies the answer: the way of every hint."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        lifecycle: Lifecycle,
        told: Signals,
        heygen: HeyGen | None,
        destinations: Destinations,
    ) -> None:
        self._db, self._clock, self._lifecycle, self._told, self._heygen = db, clock, lifecycle, told, heygen
        self._destinations = destinations

    async def __call__(self, work: ConfirmVideo) -> Effect | None:
        try:
            video = await self._db.read(lambda conn: self._lifecycle.get(conn, work.video_id))
        except NotFound:
            return self._settled(work, "ignored", "the video was deleted")
        if self._heygen is None:
            return None
        if video.heygen_video_id is None:
            return self._nameless(work, video)
        async with self._destinations.reach("heygen", HeyGenError):
            remote = await self._heygen.get_video(video.kind, video.heygen_video_id)
        signal = as_signal(video, remote)
        if signal is None:
            raise NotConfirmed("HeyGen says the video is not finished")
        return lambda tx: self._believe(tx, work, signal)

    def on_dead(self, tx: Tx, work: ConfirmVideo, failure: Failure) -> None:
        """Nobody could confirm it: nothing moves, and the event says why."""
        self._settled(work, "ignored", f"not confirmed: {failure.message}")(tx)

    def _nameless(self, work: ConfirmVideo, video: Row[Any]) -> Effect:
        """A video that HeyGen never accepted has nothing that could be asked about; any other is about to be named."""
        if video.state == State.FAILED:
            return self._settled(work, "ignored", "HeyGen never accepted this video")
        raise Postpone(5, "HeyGen has not named this video yet")

    def _believe(self, tx: Tx, work: ConfirmVideo, signal: VideoSignal) -> None:
        came = select(events.c.received_at).where(events.c.id == work.event_id, events.c.replays == 0)
        tx.received_at = tx.execute(came.where(events.c.state != "applied").with_for_update()).scalar()
        _, verdict = self._told.apply(tx, signal, cause=work.event_id or "HeyGen's answer")
        state = "applied" if moved(verdict) else "ignored"
        self._settled(work, state, f"confirmed by HeyGen: {verdict}", since=tx.received_at)(tx)

    def _settled(self, work: ConfirmVideo, state: str, verdict: str, *, since: datetime | None = None) -> Effect:
        def effect(tx: Tx) -> None:
            if work.event_id is not None:
                settle(tx, work.event_id, state, verdict, self._clock, video_id=work.video_id, since=since)
                note_replay(tx, work.event_id, verdict)

        return effect


def as_signal(video: Row[Any], remote: RemoteVideo) -> VideoSignal | None:
    """HeyGen's answer in the form of an event, or None while the video is not finished."""
    if remote.status == "waiting":
        return None
    return VideoSignal(
        kind=video.kind,
        heygen_video_id=video.heygen_video_id,
        callback_id=None,
        outcome="success" if remote.status == "completed" else "fail",
        url=remote.url,
        title=remote.title,
        failure_code=remote.failure_code,
        failure_message=remote.failure_message,
        assets=remote.assets if remote.status == "completed" else {},
        length_ms=remote.length_ms,
    )
