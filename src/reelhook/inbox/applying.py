"""Making stored events count, the first time and every time again, inside the caller's transaction."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextvars import Context, copy_context
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Update, and_, bindparam, func, or_, select, update

from reelhook import logs, metrics, tracing
from reelhook.db import Tx
from reelhook.db.tables import events, videos
from reelhook.db.together import Together
from reelhook.events import Event, VideoSignal, parse, signals
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

# Events of one transaction. Each shares its commit and all that is read once; an arrival waits behind them all.
GROUP = 32


# Told, inside the transaction, of each event of HeyGen's own when it first counts, and of the video it is about.
Listener = Callable[[Tx, Row[Any], str | None], None]
# The id of an event, and the context of the job that has it: so its lines and spans name that, whoever else's events
# are in the same transaction.
Asked = tuple[str, Context]


def nobody(tx: Tx, event: Row[Any], video_id: str | None) -> None:
    """Nobody wants to know."""


class Applying:
    """Applies events to their videos, and tells *listener* of those that HeyGen vouches for."""

    def __init__(
        self, clock: Clock, queue: Queue, told: Signals, *, can_ask: bool, listener: Listener = nobody
    ) -> None:
        self._clock, self._queue, self._told, self._can_ask, self._listener = clock, queue, told, can_ask, listener

    def apply(self, tx: Tx, group: Sequence[Row[Any]], within: Mapping[str, Context]) -> list[str]:
        """Apply the events of *group*, locked rows, one after the other, each *within* its context.

        Returns what came of each now, in words.
        """
        messages = [parse(event.body) for event in group]
        given = [
            () if event.source == "callback" else signals(message)
            for event, message in zip(group, messages, strict=True)
        ]
        self._told.lock(tx, [signal for some in given for signal in some])
        each = zip(group, messages, given, strict=True)
        return [within[event.id].run(self._apply, tx, event, message, some) for event, message, some in each]

    def _apply(self, tx: Tx, event: Row[Any], message: Event, given: Sequence[VideoSignal]) -> str:
        # In the trace of its own delivery, which is not that of the job: it may apply the events of many.
        with tracing.span("apply event", after=event.trace, about={"event_id": event.id, "event_type": event.type}):
            if event.source == "callback":
                return self._take_hint(tx, event)
            return self._take_word(tx, event, message, given)

    def _take_word(self, tx: Tx, event: Row[Any], message: Event, given: Sequence[VideoSignal]) -> str:
        first = event.state == "pending"
        tx.received_at = event.received_at if first else None
        told = [self._tell(tx, event, signal) for signal in given]
        words = list(dict.fromkeys(verdict for _, verdict in told)) or [_unmoving(message.type)]
        verdict = "; ".join(words)
        video_id = next((named for named, _ in told if named), None)
        state = "applied" if any(map(moved, words)) else "ignored"
        settle(tx, event.id, state, verdict, self._clock, video_id=video_id, since=tx.received_at)
        if first and event.type != TEST_TYPE:
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


def _settled(*before: str) -> Update:
    values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in ("state", "verdict", "applied_at")}
    about = func.coalesce(bindparam("about", type_=events.c.video_id.type), events.c.video_id)
    found = update(events).where(events.c.id == bindparam("of"), or_(*(events.c.state == one for one in before)))
    return found.values(**values, video_id=about)


# One that was applied stays as it is; an ignored one may still become applied.
SETTLE = {"applied": _settled("pending", "ignored"), "ignored": _settled("pending")}
REPLAYED = (
    update(events)
    .where(events.c.id == bindparam("of"), events.c.replays > 0)
    .values(replay_verdict=bindparam("brought"))
)


def settle(
    tx: Tx, event_id: str, state: str, verdict: str, clock: Clock, *, video_id: str | None, since: datetime | None
) -> None:
    """Record what came of an event. If it is applied it is measured how long that took *since* it came."""
    new = {"new_state": state, "new_verdict": verdict, "new_applied_at": clock.now()}
    tx.later(SETTLE[state], {"of": event_id, "about": video_id} | new)
    if state == "applied" and since is not None:
        tx.after_commit(lambda: metrics.EVENT_APPLIED_SECONDS.observe(seconds_since(clock, since)))


def note_replay(tx: Tx, event_id: str, verdict: str) -> None:
    """Tell what a replay brought, beside what is known from the first time; nothing for what was never replayed."""
    tx.later(REPLAYED, {"of": event_id, "brought": verdict})


def moved(verdict: str) -> bool:
    """Whether a signal changed anything: a repeat is ignored, but may still bring an asset that was not known."""
    return not verdict.startswith("ignored") or "; added " in verdict


def not_applied(tx: Tx, event_ids: Sequence[str], failure: Failure) -> None:
    """Say on the events that are still pending why; a hint waits for HeyGen's word, not for this."""
    stuck = and_(events.c.id.in_(event_ids), events.c.state == "pending", events.c.source != "callback")
    tx.execute(update(events).where(stuck).values(verdict=f"not applied: {failure.message}"))


def locked(tx: Tx, event_ids: Iterable[str], *which: ColumnElement[bool]) -> Sequence[Row[Any]]:
    """Those of the events of *which* all that is true, in the order in which they came; nobody else has them now."""
    query = select(events).where(events.c.id.in_(event_ids), *which)
    return tx.execute(query.order_by(events.c.id).with_for_update()).all()


async def in_groups(event_ids: Sequence[str], applying: Together[Asked, None]) -> dict[str, Exception]:
    """Put a group of events at a time, and return the errors by id: one that fails holds up no other."""
    failed: dict[str, Exception] = {}
    for first in range(0, len(event_ids), GROUP):
        group = event_ids[first : first + GROUP]
        waiting = (applying.put((event_id, copy_context())) for event_id in group)
        outcomes = await asyncio.gather(*waiting, return_exceptions=True)
        failed |= {one: error for one, error in zip(group, outcomes, strict=True) if isinstance(error, Exception)}
    for event_id, error in failed.items():  # the others have gone first, then the job is tried again
        log.error("event.not_applied", event_id=event_id, exc_info=error)
    return failed


def decisive(failed: Iterable[Exception]) -> Exception:
    """The error that a job ends with: one that may pass next time, lest it die of another that never will."""
    return max(failed, key=lambda error: Failure.of(error).retryable)


def _unmoving(event_type: str) -> str:
    return "ignored: a test of our own" if event_type == TEST_TYPE else "ignored: this type moves no video"


def _says_too_little(tx: Tx, signal: VideoSignal, video_id: str) -> bool:
    """A failure that nobody explained yet, or news of files that names none: HeyGen's API knows more."""
    if signal.outcome == "fail" and signal.failure_code is None:
        code = tx.execute(select(videos.c.failure_code).where(videos.c.id == video_id)).scalar()
        return bool(code == UNKNOWN_CODE)
    return signal.outcome == "assets" and not signal.assets
