"""What HeyGen said about a video, applied to our row of it: once, in any order, never backwards."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Row, bindparam, or_, select, update

from reelhook.db import Tx
from reelhook.db.tables import assets, events, videos
from reelhook.events import VideoSignal
from reelhook.jobs import Queue
from reelhook.jobs.kinds import ApplyEvents
from reelhook.videos.lifecycle import UNKNOWN_CODE, Lifecycle
from reelhook.videos.states import FailedBy, State

# Locked, so that nobody else moves it before we do: then it need not be read again.
BY_NAME = select(videos).where(videos.c.heygen_video_id == bindparam("it")).with_for_update()
BY_ID = select(videos).where(videos.c.id == bindparam("it")).with_for_update()


class Signals:
    """Applies signals inside the caller's transaction."""

    def __init__(self, lifecycle: Lifecycle, queue: Queue, default_store: str) -> None:
        self._lifecycle, self._queue, self._default_store = lifecycle, queue, default_store

    def apply(self, tx: Tx, signal: VideoSignal, *, cause: str, again: bool = False) -> tuple[str, str]:
        """Apply one signal; returns the video's id and what came of it, in words. *cause* names the event.

        What is told *again* brings no newer links: those that are known stay.
        """
        video = self._find(tx, signal) or self._add_unknown(tx, signal, cause)
        if video.heygen_video_id != signal.heygen_video_id:
            video = self._learn_id(tx, video, signal)
        if signal.length_ms is not None:
            video = self._lifecycle.change(tx, video.id, length_ms=signal.length_ms)
        if signal.outcome == "success":
            verdict = self._rendered(tx, video, signal, cause)
        elif signal.outcome == "fail":
            verdict = self._failed(tx, video, signal, cause)
        else:
            verdict = "applied"
        known = self._linked(tx, video.id) if again else frozenset()
        added = self._add_assets(tx, video.id, signal, known)
        return video.id, f"{verdict}; added {', '.join(added)}" if added else verdict

    def lock(self, tx: Tx, signals: Sequence[VideoSignal]) -> None:
        """Keep the videos that a group of *signals* is about from all others until the transaction ends.

        In one order: two groups that are about the same videos must not wait for each other for ever.
        """
        if len(signals) > 1:
            names = {name for signal in signals for name in (signal.heygen_video_id, signal.session_id) if name}
            ids = {signal.callback_id for signal in signals if signal.callback_id}
            theirs = select(videos.c.id).where(or_(videos.c.heygen_video_id.in_(names), videos.c.id.in_(ids)))
            tx.execute(theirs.order_by(videos.c.id).with_for_update()).close()

    def knows(self, tx: Tx, signal: VideoSignal) -> bool:
        """Whether we have a row of the video that *signal* is about."""
        return self._find(tx, signal) is not None

    def created(self, tx: Tx, video_id: str, heygen_video_id: str) -> None:
        """HeyGen accepted our request and named its video.

        An event can be faster than this answer and, for kinds without a callback id, make a video of its own; that one
        is taken back and its events are applied to ours.
        """
        stray = tx.execute(
            select(videos.c.id).where(videos.c.heygen_video_id == heygen_video_id, videos.c.id != video_id)
        ).scalar()
        if stray is not None:
            self._take_back(tx, stray)
        tx.execute(
            update(videos)
            .where(videos.c.id == video_id, videos.c.heygen_video_id.is_(None))
            .values(heygen_video_id=heygen_video_id)
        )
        self._lifecycle.transition(tx, video_id, State.RENDERING, "HeyGen accepted the request and is rendering")

    def _take_back(self, tx: Tx, stray: str) -> None:
        its_events = update(events).where(events.c.video_id == stray)
        told = tx.execute(its_events.values(video_id=None, state="pending").returning(events.c.id)).fetchall()
        self._lifecycle.delete(tx, stray)
        if told:
            self._queue.add(tx, ApplyEvents(event_ids=tuple(sorted(row.id for row in told))))

    def _find(self, tx: Tx, signal: VideoSignal) -> Row[Any] | None:
        """By HeyGen's name for it, by the name of the session that makes it, or by our own id that came back."""
        for query, value in (
            (BY_NAME, signal.heygen_video_id),
            (BY_NAME, signal.session_id),
            (BY_ID, signal.callback_id),
        ):
            if value and (row := tx.execute(query, {"it": value}).first()):
                return row
        return None

    def _add_unknown(self, tx: Tx, signal: VideoSignal, cause: str) -> Row[Any]:
        return self._lifecycle.add(
            tx,
            kind=signal.kind,
            store=self._default_store,
            state=State.RENDERING,
            message="HeyGen told us of a video that was not requested here",
            data={"cause": cause},
            heygen_video_id=signal.heygen_video_id,
            title=signal.title,
        )

    def _learn_id(self, tx: Tx, video: Row[Any], signal: VideoSignal) -> Row[Any]:
        """We may know the video by our own id alone, or by the session's, which later events need not repeat."""
        if not signal.heygen_video_id or video.heygen_video_id not in (None, signal.session_id):
            return video
        return self._lifecycle.change(tx, video.id, heygen_video_id=signal.heygen_video_id)

    def _rendered(self, tx: Tx, video: Row[Any], signal: VideoSignal, cause: str) -> str:
        data = {"cause": cause}
        if not self._lifecycle.rendered(tx, video, "HeyGen finished rendering", signal.url, data=data):
            return f"ignored: the video is already {video.state}"
        return "rendered"

    def _failed(self, tx: Tx, video: Row[Any], signal: VideoSignal, cause: str) -> str:
        message = signal.failure_message or "HeyGen gave no reason"
        data = {"cause": cause}
        if self._lifecycle.fail(tx, video, FailedBy.HEYGEN, signal.failure_code, message, data=data):
            return "failed"
        if video.failed_by == FailedBy.HEYGEN and video.failure_code == UNKNOWN_CODE and signal.failure_code:
            self._lifecycle.amend(tx, video.id, failure_code=signal.failure_code)
            return f"explained: {signal.failure_code}"
        return f"ignored: the video is already {video.state}"

    def _add_assets(self, tx: Tx, video_id: str, signal: VideoSignal, linked: Collection[str]) -> list[str]:
        """Files beside the video itself; those that are *linked* keep their link. A failed video has no use for any."""
        if not signal.assets or self._state(tx, video_id) == State.FAILED:
            return []
        links = {role: None if role in linked else url for role, url in signal.assets.items()}
        return [role for role, url in links.items() if self._lifecycle.want_asset(tx, video_id, role, url)]

    def _linked(self, tx: Tx, video_id: str) -> frozenset[str]:
        linked = select(assets.c.role).where(assets.c.video_id == video_id, assets.c.source_url.is_not(None))
        return frozenset(tx.execute(linked).scalars())

    def _state(self, tx: Tx, video_id: str) -> str:
        return str(self._lifecycle.get(tx.conn, video_id).state)
