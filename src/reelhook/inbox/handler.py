"""The jobs that make stored events count: apply them, or ask HeyGen first when nobody signed for them."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from reelhook import logs
from reelhook.db import Database, Tx
from reelhook.db.tables import events
from reelhook.errors import NotFound, Unavailable
from reelhook.heygen import HeyGen, RemoteVideo, VideoSignal, parse, signals
from reelhook.jobs import Effect, Failure, Postpone, Queue
from reelhook.jobs.kinds import ApplyEvents, ConfirmVideo
from reelhook.kit.clock import Clock
from reelhook.videos import Lifecycle, Signals

log = logs.get("inbox")

HINT_WITHOUT_KEY = "an unsigned hint; without REELHOOK_HEYGEN_API_KEY nobody can be asked whether it is true"


class NotConfirmed(Unavailable):
    """HeyGen does not say (yet) what an unsigned post claims."""

    code = "not_confirmed"


class ApplyHandler:
    """Applies each event in a transaction of its own: one that fails holds up none of the others."""

    def __init__(self, db: Database, clock: Clock, queue: Queue, told: Signals, *, can_ask: bool) -> None:
        self._db, self._clock, self._queue, self._told, self._can_ask = db, clock, queue, told, can_ask

    async def __call__(self, work: ApplyEvents) -> Effect | None:
        failed: Exception | None = None
        for event_id in work.event_ids:
            try:
                await self._db.write(lambda tx, event_id=event_id: self._apply(tx, event_id))  # type: ignore[misc]
            except Exception as error:  # the others go first, then the job is tried again
                log.error("event.not_applied", event_id=event_id, exc_info=error)
                failed = error
        if failed is not None:
            raise failed
        return None

    def _apply(self, tx: Tx, event_id: str) -> None:
        """Apply one event, unless it was applied before: its state changes in the same transaction."""
        event = _pending(tx.conn, event_id)
        if event is None:
            return
        if event.source == "callback":
            self._take_hint(tx, event)
            return
        told = [self._told.apply(tx, signal, cause=event_id) for signal in signals(parse(event.body))]
        video_id = told[0][0] if told else None
        verdict = "; ".join(dict.fromkeys(words for _, words in told)) or "kept: this type moves no video"
        state = "applied" if any(not words.startswith("ignored") for _, words in told) else "ignored"
        settle(tx, event_id, state, verdict, self._clock.now(), video_id=video_id)
        log.info("event.applied", event_id=event_id, type=event.type, video=video_id, verdict=verdict)

    def _take_hint(self, tx: Tx, event: Row[Any]) -> None:
        if not self._can_ask:
            tx.execute(update(events).where(events.c.id == event.id).values(verdict=HINT_WITHOUT_KEY))
            return
        self._queue.add(tx, ConfirmVideo(video_id=event.video_id, event_id=event.id))


class ConfirmHandler:
    """Asks HeyGen how a video stands and applies the answer: the way of every hint."""

    def __init__(self, db: Database, clock: Clock, lifecycle: Lifecycle, told: Signals, heygen: HeyGen | None) -> None:
        self._db, self._clock, self._lifecycle, self._told, self._heygen = db, clock, lifecycle, told, heygen

    async def __call__(self, work: ConfirmVideo) -> Effect | None:
        try:
            video = await self._db.read(lambda conn: self._lifecycle.get(conn, work.video_id))
        except NotFound:
            return self._settled(work, "ignored", "the video was deleted")
        if self._heygen is None:
            return None
        if video.heygen_video_id is None:
            raise Postpone(5, "HeyGen has not named this video yet")
        remote = await self._heygen.get_video(video.kind, video.heygen_video_id)
        signal = as_signal(video, remote)
        if signal is None:
            raise NotConfirmed(f"HeyGen says {remote.raw_status}")
        return lambda tx: self._believe(tx, work, signal)

    def on_dead(self, tx: Tx, work: ConfirmVideo, failure: Failure) -> None:
        """Nobody could confirm it: nothing moves, and the event says why."""
        self._settled(work, "ignored", f"not confirmed: {failure.message}")(tx)

    def _believe(self, tx: Tx, work: ConfirmVideo, signal: VideoSignal) -> None:
        _, verdict = self._told.apply(tx, signal, cause=work.event_id or "HeyGen's answer")
        self._settled(work, "applied", f"confirmed by HeyGen: {verdict}")(tx)

    def _settled(self, work: ConfirmVideo, state: str, verdict: str) -> Effect:
        def effect(tx: Tx) -> None:
            if work.event_id is not None:
                settle(tx, work.event_id, state, verdict, self._clock.now(), video_id=work.video_id)

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
        assets={},
    )


def settle(tx: Tx, event_id: str, state: str, verdict: str, now: datetime, *, video_id: str | None) -> None:
    """Record what came of an event."""
    values: dict[str, Any] = {"state": state, "verdict": verdict, "applied_at": now}
    if video_id is not None:
        values["video_id"] = video_id
    tx.execute(update(events).where(events.c.id == event_id).values(**values))


def _pending(conn: Connection, event_id: str) -> Row[Any] | None:
    """The event, locked, if nobody applied it yet."""
    query = select(events).where(events.c.id == event_id, events.c.state == "pending").with_for_update()
    return conn.execute(query).first()
