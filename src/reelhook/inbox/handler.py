"""The jobs that make stored events count: apply them, or ask HeyGen first when nobody signed for them."""

from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Connection, Row, and_, select, update

from reelhook import logs
from reelhook.db import Database, Tx
from reelhook.db.tables import events
from reelhook.errors import NotFound, Unavailable
from reelhook.heygen import HeyGen, HeyGenError, RemoteVideo, VideoSignal, parse, signals
from reelhook.inbox.arrival import TEST_TYPE
from reelhook.jobs import Destinations, Effect, Failure, Postpone, Queue
from reelhook.jobs.kinds import ApplyEvents, ConfirmVideo
from reelhook.kit.clock import Clock
from reelhook.videos import Lifecycle, Signals
from reelhook.videos.states import State

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
        failed: list[Exception] = []
        for event_id in work.event_ids:
            try:
                await self._db.write(partial(self._apply, event_id=event_id))
            except Exception as error:  # the others go first, then the job is tried again
                log.error("event.not_applied", event_id=event_id, exc_info=error)
                failed.append(error)
        if failed:
            # One that may pass next time decides: the job must not die of another that never will.
            raise max(failed, key=lambda error: Failure.of(error).retryable)
        return None

    def on_dead(self, tx: Tx, work: ApplyEvents, failure: Failure) -> None:
        """Events that could not be applied stay pending, and say why."""
        stuck = and_(events.c.id.in_(work.event_ids), events.c.state == "pending", events.c.source != "callback")
        tx.execute(update(events).where(stuck).values(verdict=f"not applied: {failure.message}"))

    def _apply(self, tx: Tx, event_id: str) -> None:
        """Apply one event, unless it was applied before: its state changes in the same transaction."""
        event = _pending(tx.conn, event_id)
        if event is None:
            return
        if event.source == "callback":
            self._take_hint(tx, event)
            return
        message = parse(event.body)
        given = signals(message)
        told = [self._told.apply(tx, signal, cause=event_id) for signal in given]
        verdicts = list(dict.fromkeys(words for _, words in told)) or [_unmoving(message.type)]
        state = "applied" if any(map(_moved, verdicts)) else "ignored"
        video_id = told[0][0] if told else None
        settle(tx, event_id, state, "; ".join(verdicts), self._clock.now(), video_id=video_id)
        for signal, (named, _) in zip(given, told, strict=True):
            if self._can_ask and _says_too_little(signal):
                self._queue.add(tx, ConfirmVideo(video_id=named))
        told_of = {"event_id": event_id, "type": event.type, "video": video_id, "verdict": verdicts}
        tx.after_commit(lambda: log.info("event.applied", **told_of))

    def _take_hint(self, tx: Tx, event: Row[Any]) -> None:
        if self._can_ask:
            self._queue.add(tx, ConfirmVideo(video_id=event.video_id, event_id=event.id))
        else:
            tx.execute(update(events).where(events.c.id == event.id).values(verdict=HINT_WITHOUT_KEY))


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
        _, verdict = self._told.apply(tx, signal, cause=work.event_id or "HeyGen's answer")
        self._settled(work, "applied" if _moved(verdict) else "ignored", f"confirmed by HeyGen: {verdict}")(tx)

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
        assets=remote.assets if remote.status == "completed" else {},
    )


def settle(tx: Tx, event_id: str, state: str, verdict: str, now: datetime, *, video_id: str | None) -> None:
    """Record what came of an event."""
    values: dict[str, Any] = {"state": state, "verdict": verdict, "applied_at": now}
    if video_id is not None:
        values["video_id"] = video_id
    tx.execute(update(events).where(events.c.id == event_id).values(**values))


def _says_too_little(signal: VideoSignal) -> bool:
    """A failure without HeyGen's code, or news of files that names none: HeyGen's API knows more."""
    if signal.outcome == "fail":
        return signal.failure_code is None
    return signal.outcome == "assets" and not signal.assets


def _unmoving(event_type: str) -> str:
    return "ignored: a test of our own" if event_type == TEST_TYPE else "ignored: this type moves no video"


def _moved(verdict: str) -> bool:
    """Whether a signal changed anything: a repeat is ignored, but may still bring an asset that was not known."""
    return not verdict.startswith("ignored") or "; added " in verdict


def _pending(conn: Connection, event_id: str) -> Row[Any] | None:
    """The event, locked, if nobody applied it yet."""
    query = select(events).where(events.c.id == event_id, events.c.state == "pending").with_for_update()
    return conn.execute(query).first()
