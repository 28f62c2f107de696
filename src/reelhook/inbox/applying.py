"""Making one stored event count, the first time and every time again, inside the caller's transaction."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any

from sqlalchemy import Row, and_, select, update

from reelhook import logs, metrics
from reelhook.db import Tx
from reelhook.db.tables import events, videos
from reelhook.heygen import VideoSignal, parse, signals
from reelhook.inbox.arrival import TEST_TYPE
from reelhook.jobs import Failure, Queue
from reelhook.jobs.kinds import ConfirmVideo
from reelhook.kit.clock import Clock, seconds_since
from reelhook.units import EventApplied
from reelhook.videos import Signals
from reelhook.videos.lifecycle import UNKNOWN_CODE

log = logs.get("inbox")

HINT_WITHOUT_KEY = "an unsigned hint; without REELHOOK_HEYGEN_API_KEY nobody can be asked whether it is true"
HEYGEN_IS_ASKED = "HeyGen is asked whether it is true"
VIDEO_GONE = "ignored: the video was deleted, and a replay does not bring it back"


# Told, inside the transaction, of each event of HeyGen's own when it first counts, and of the video it is about.
Listener = Callable[[Tx, Row[Any], str | None], None]


def nobody(tx: Tx, event: Row[Any], video_id: str | None) -> None:
    """Nobody wants to know."""


class Applying:
    """Applies events to their videos, and tells *listener* of those that HeyGen vouches for."""

    def __init__(
        self, clock: Clock, queue: Queue, told: Signals, *, can_ask: bool, listener: Listener = nobody
    ) -> None:
        self._clock, self._queue, self._told, self._can_ask, self._listener = clock, queue, told, can_ask, listener

    def apply(self, tx: Tx, event: Row[Any]) -> str:
        """Apply *event*, a locked row, and return what came of it this time, in words."""
        if event.source == "callback":
            return self._take_hint(tx, event)
        tx.received_at = event.received_at if event.state == "pending" else None
        message = parse(event.body)
        given = signals(message)
        told = [self._tell(tx, event, signal) for signal in given]
        words = list(dict.fromkeys(verdict for _, verdict in told)) or [_unmoving(message.type)]
        verdict = "; ".join(words)
        video_id = next((named for named, _ in told if named), None)
        state = "applied" if any(map(moved, words)) else "ignored"
        first = event.state == "pending"
        settle(tx, event.id, state, verdict, self._clock, video_id=video_id, first=first)
        if event.state == "pending" and event.type != TEST_TYPE:
            self._listener(tx, event, video_id)
        for signal, (named, _) in zip(given, told, strict=True):
            if named and self._can_ask and _says_too_little(tx, signal, named):
                self._queue.add(tx, ConfirmVideo(video_id=named))
        line = EventApplied(event_id=event.id, type=event.type, source=event.source, video_id=video_id, verdict=verdict)
        tx.after_commit(lambda: line.write(log.info))
        return verdict

    def _tell(self, tx: Tx, event: Row[Any], signal: VideoSignal) -> tuple[str | None, str]:
        """What came of one signal, and for which video.

        An event about an unknown video makes one. An event that had its video once does not: somebody deleted it.
        """
        again = event.state != "pending"
        if again and event.video_id is not None and not self._told.knows(tx, signal):
            return None, VIDEO_GONE
        return self._told.apply(tx, signal, cause=event.id, again=again)

    def _take_hint(self, tx: Tx, event: Row[Any]) -> str:
        if self._can_ask:
            self._queue.add(tx, ConfirmVideo(video_id=event.video_id, event_id=event.id))
            return HEYGEN_IS_ASKED
        still_open = update(events).where(events.c.id == event.id, events.c.state == "pending")
        tx.execute(still_open.values(verdict=HINT_WITHOUT_KEY))
        return HINT_WITHOUT_KEY


def settle(tx: Tx, event_id: str, state: str, verdict: str, clock: Clock, *, video_id: str | None, first: bool) -> None:
    """Record what came of an event. One that was applied stays as it is; an ignored one may still become applied.

    It is measured how long it waited when it is applied *first*, not in a replay.
    """
    values: dict[str, Any] = {"state": state, "verdict": verdict, "applied_at": clock.now()}
    if video_id is not None:
        values["video_id"] = video_id
    before = ("pending", "ignored") if state == "applied" else ("pending",)
    settled = update(events).where(events.c.id == event_id, events.c.state.in_(before)).values(**values)
    row = tx.execute(settled.returning(events.c.received_at)).first()
    if row is not None and state == "applied" and first:
        tx.after_commit(lambda: metrics.EVENT_APPLIED_SECONDS.observe(seconds_since(clock, row.received_at)))


def note_replay(tx: Tx, event_id: str, verdict: str) -> None:
    """Tell what a replay brought, beside what is known from the first time; nothing for what was never replayed."""
    replayed = update(events).where(events.c.id == event_id, events.c.replays > 0)
    tx.execute(replayed.values(replay_verdict=verdict))


def moved(verdict: str) -> bool:
    """Whether a signal changed anything: a repeat is ignored, but may still bring an asset that was not known."""
    return not verdict.startswith("ignored") or "; added " in verdict


def not_applied(tx: Tx, event_ids: Sequence[str], failure: Failure) -> None:
    """Say on the events that are still pending why; a hint waits for HeyGen's word, not for this."""
    stuck = and_(events.c.id.in_(event_ids), events.c.state == "pending", events.c.source != "callback")
    tx.execute(update(events).where(stuck).values(verdict=f"not applied: {failure.message}"))


async def one_by_one(event_ids: Iterable[str], apply: Callable[[str], Awaitable[None]]) -> dict[str, Exception]:
    """Call *apply* with each id, and return the errors by id: one that fails holds up none of the others."""
    failed: dict[str, Exception] = {}
    for event_id in event_ids:
        try:
            await apply(event_id)
        except Exception as error:  # the others go first, then the job is tried again
            log.error("event.not_applied", event_id=event_id, exc_info=error)
            failed[event_id] = error
    return failed


def decisive(failed: Iterable[Exception]) -> Exception:
    """The error that a job ends with: one that may pass next time, lest it die of another that never will."""
    return max(failed, key=lambda error: Failure.of(error).retryable)


def _unmoving(event_type: str) -> str:
    return "ignored: a test of our own" if event_type == TEST_TYPE else "ignored: this type moves no video"


def _says_too_little(tx: Tx, signal: VideoSignal, video_id: str) -> bool:
    """A failure that nobody explained yet, or news of files that names none: HeyGen's API knows more."""
    if signal.outcome == "fail":
        code = tx.execute(select(videos.c.failure_code).where(videos.c.id == video_id)).scalar()
        return signal.failure_code is None and code == UNKNOWN_CODE
    return signal.outcome == "assets" and not signal.assets
