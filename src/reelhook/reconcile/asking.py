"""Asking HeyGen how videos stand, and putting what it says through the inbox, as if its webhook had come."""

from collections.abc import AsyncIterator, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row, and_, func, or_, select

from reelhook import logs, metrics
from reelhook.db import Tx
from reelhook.db.tables import events, timeline
from reelhook.events import Event, parse
from reelhook.heygen import HeyGenRefused, RemoteStatus, RemoteVideo, VideoNotFound, of_answer
from reelhook.heygen.videos import MANY, MOST_STATUSES
from reelhook.inbox import Arrival, Inbox
from reelhook.inbox.selection import TYPE_OF_FEW
from reelhook.jobs.kinds import ConfirmVideo
from reelhook.kit.clock import Clock
from reelhook.reconcile.compare import RECONCILE
from reelhook.reconcile.core import Core
from reelhook.reconcile.questions import Questions
from reelhook.reconcile.run import Look
from reelhook.reconcile.waiting import put_off
from reelhook.videos.states import FailedBy

ONE_BY_ONE = 20  # videos of one run that HeyGen can only be asked about singly
MISSES = 5  # so often HeyGen must say that it knows no such video
MISSING = RemoteStatus("missing", "not_found")

Answer = RemoteStatus | RemoteVideo
Answered = tuple[Row[Any], Answer | None]

log = logs.get("reconcile")


class Asking:
    """Asks about videos and acts on the answers."""

    def __init__(self, core: Core, inbox: Inbox, heygen: Questions) -> None:
        self._core, self._inbox, self._heygen = core, inbox, heygen

    async def about(self, rows: Sequence[Row[Any]], look: Look) -> AsyncIterator[Answered]:
        """Ask about *rows*, some at a time, and give what was said of each once it is acted upon.

        Raises a *HeyGenError*; what was given before that stands.
        """
        async for some in self._answers(rows):
            look.asked += len(some)
            for video, answer in some:
                if answer is not None and answer.status in ("completed", "failed"):
                    await self._tell(video, answer, look)
            await self._core.db.write(lambda tx, some=some: self._note(tx, some))  # type: ignore[misc]
            for answered in some:
                yield answered

    async def _answers(self, rows: Sequence[Row[Any]]) -> AsyncIterator[list[Answered]]:
        singly = [row for row in rows if not _in_bulk(row)]
        for kind, some in _batches([row for row in rows if _in_bulk(row)]):
            try:
                said = await self._heygen.statuses([row.heygen_video_id for row in some], kind)
            except HeyGenRefused as error:
                # One odd id may be to blame, and must not keep the others from being asked about.
                log.warning("reconcile.asked_singly", kind=kind, videos=len(some), error=error.message)
                singly += some
            else:
                yield [(row, said.get(row.heygen_video_id)) for row in some]
        for row in singly[:ONE_BY_ONE]:
            yield [(row, await self._about_one(row))]

    async def _about_one(self, video: Row[Any]) -> Answer | None:
        try:
            return await self._heygen.video(video.kind, video.heygen_video_id)
        except VideoNotFound:
            return MISSING
        except HeyGenRefused as error:
            log.warning("reconcile.not_told", video_id=video.id, error=error.message)
            return None

    async def _tell(self, video: Row[Any], answer: Answer, look: Look) -> None:
        """Its webhook is missing: what it should have said goes the same way.

        When no event tells of this kind, or one did come and was not applied, HeyGen's answer itself is applied.
        """
        body = of_answer(video.kind, video.heygen_video_id, answer, video.id)
        event = parse(body) if body is not None else None
        if body is None or event is None or await self._core.db.read(lambda conn: _came(conn, video.id, event)):
            await self._core.db.write(lambda tx: self._core.queue.add(tx, ConfirmVideo(video_id=video.id)))
            look.mention("confirming", video_id=video.id, status=answer.status)
            return
        if await accept(self._inbox, self._core.clock, body, event, video_id=video.id):
            look.found += 1
            look.mention("events", type=event.type, resource_id=event.resource_id, video_id=video.id)

    def _note(self, tx: Tx, answered: Sequence[Answered]) -> None:
        """Note when to ask again. In one order, so that no two transactions wait for each other for ever."""
        now = self._core.clock.now()
        for video, answer in sorted(answered, key=lambda each: str(each[0].id)):
            still_waits = put_off(tx, video, now, self._core.ids.fraction())
            if still_waits and answer is not None and answer.status == "missing":
                self._count_miss(tx, video.id)

    def _count_miss(self, tx: Tx, video_id: str) -> None:
        misses = select(func.count()).where(timeline.c.video_id == video_id, timeline.c.kind == "missing")
        number = tx.execute(misses).scalar_one() + 1
        if number < MISSES:
            words = f"HeyGen does not know this video; it is asked again ({number} of {MISSES} times)"
            self._core.lifecycle.note(tx, video_id, "missing", words)
        else:
            words = (
                f"HeyGen does not know this video: it said so {MISSES} times. Is its id right, was it deleted there?"
            )
            self._core.lifecycle.fail(tx, video_id, FailedBy.REELHOOK, VideoNotFound.code, words)


async def accept(inbox: Inbox, clock: Clock, body: bytes, event: Event, *, video_id: str | None = None) -> bool:
    """Put an event that was missed through the inbox. False when it is there already."""
    arrival = Arrival(
        endpoint=RECONCILE,
        source=RECONCILE,
        body=body,
        headers=(),
        received_at=clock.now(),
        type=event.type,
        resource_id=event.resource_id,
        event_id=event.event_id,
        video_id=video_id,
    )
    receipt = await inbox.accept(arrival)
    if not receipt.duplicate:
        metrics.EVENTS.labels(RECONCILE).inc()
        log.info("reconcile.found", event_id=receipt.event_id, type=event.type, resource_id=event.resource_id)
    return not receipt.duplicate


def _came(conn: Connection, video_id: str, event: Event) -> bool:
    """Whether HeyGen did tell us, by a webhook or by a callback that nobody signed."""
    same = and_(events.c.type == event.type, events.c.resource_id == event.resource_id)
    about_it = and_(TYPE_OF_FEW == event.type, events.c.video_id == video_id)  # noqa: SIM300 - a column
    query = select(events.c.id).where(or_(same, about_it), events.c.source != RECONCILE)
    return conn.execute(query.limit(1)).first() is not None


def _in_bulk(video: Row[Any]) -> bool:
    return video.kind in MANY and "," not in video.heygen_video_id


def _batches(rows: Sequence[Row[Any]]) -> list[tuple[str, Sequence[Row[Any]]]]:
    """By kind, at most as many as one question takes."""
    of_kind = [(kind, list(some)) for kind, some in groupby(sorted(rows, key=_kind), key=_kind)]
    starts = [(kind, some, at) for kind, some in of_kind for at in range(0, len(some), MOST_STATUSES)]
    return [(kind, some[at : at + MOST_STATUSES]) for kind, some, at in starts]


def _kind(video: Row[Any]) -> str:
    return str(video.kind)
