"""The room on a real database, with HeyGen as far as this room sees it. (HeyGen's wire is tested in its own room.)"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import Row, select, update

from reelhook.db import Database
from reelhook.db.tables import events, jobs, reconciliations, timeline, videos
from reelhook.events import parse
from reelhook.heygen import Endpoint, HeyGen, HistoryPage, PastEvent, RemoteStatus, RemoteVideo, VideoNotFound
from reelhook.inbox import Arrival, Inbox
from reelhook.inbox.handler import ApplyHandler
from reelhook.jobs import Destinations, Queue
from reelhook.jobs.kinds import ApplyEvents
from reelhook.kit.ids import Ids
from reelhook.reconcile.asking import Asking
from reelhook.reconcile.core import Core
from reelhook.reconcile.questions import Questions
from reelhook.reconcile.run import Look
from reelhook.reconcile.videos import VideosLook
from reelhook.videos import Lifecycle, Signals, State
from tests.conftest import START, StillClock

MINUTE, HOUR = 60.0, 3600.0
SUCCESS = "avatar_video.success"


class Says(HeyGen):
    """HeyGen: *stands* tells how each video stands; *told* is its history, *size* of it on a page."""

    def __init__(self) -> None:
        self.stands: dict[str, RemoteStatus | RemoteVideo] = {}
        self.told: list[PastEvent] = []
        self.registered: Sequence[Endpoint] = ()
        self.size = 100
        self.asked: list[tuple[str, Any]] = []
        self.fails: dict[str, list[Exception | None]] = {}

    def stands_as(self, heygen_id: str, status: Any, **more: Any) -> None:
        self.stands[heygen_id] = RemoteStatus(status, status, **more)

    def tells(self, ago_s: float | None, type_: str = SUCCESS, event_id: str | None = None, **data: Any) -> PastEvent:
        """One more row at the head of the history, which is newest first; of an event so many seconds before START."""
        at = None if ago_s is None else START - timedelta(seconds=ago_s)
        event = PastEvent(event_id, type_, {"video_id": "hg-1"} | data, at)
        self.told.insert(0, event)
        return event

    def number(self, question: str) -> int:
        return sum(name == question for name, _ in self.asked)

    async def statuses(self, heygen_ids: Sequence[str], kind: str = "avatar_video") -> dict[str, RemoteStatus]:
        self._ask("statuses", list(heygen_ids))
        found = {name: self.stands[name] for name in heygen_ids if name in self.stands}
        return {name: said for name, said in found.items() if isinstance(said, RemoteStatus)}

    async def get_video(self, kind: str, heygen_id: str) -> RemoteVideo:
        self._ask("get_video", (kind, heygen_id))
        said = self.stands.get(heygen_id)
        if not isinstance(said, RemoteVideo):
            raise VideoNotFound(f"no {heygen_id}")
        return said

    async def history(self, token: str | None = None, **_: Any) -> HistoryPage:
        self._ask("history", token)
        start = int(token or 0)
        stop = start + self.size
        return HistoryPage(tuple(self.told[start:stop]), str(stop) if stop < len(self.told) else None)

    async def list_endpoints(self) -> tuple[Endpoint, ...]:
        self._ask("endpoints", None)
        return tuple(self.registered)

    def _ask(self, name: str, about: Any) -> None:
        self.asked.append((name, about))
        planned = self.fails.get(name)
        if planned and (error := planned.pop(0)) is not None:
            raise error


@dataclass
class Scene:
    db: Database
    clock: StillClock
    ids: Ids
    heygen: Says = field(default_factory=Says)

    def __post_init__(self) -> None:
        queue = Queue(self.clock, self.ids)
        self.core = Core(self.db, self.clock, self.ids, queue, Lifecycle(self.clock, self.ids, queue))
        self.inbox = Inbox(self.db, self.ids, queue)
        self.destinations = Destinations(self.clock, self.ids)
        self.questions = Questions(self.heygen, self.destinations)
        self.asking = Asking(self.core, self.inbox, self.questions)
        self.told = Signals(self.core.lifecycle, queue, "local")
        self.videos_look = VideosLook(self.db, self.clock, self.asking)

    async def video(self, heygen_id: str | None = "hg-1", *, state: State = State.RENDERING, **values: Any) -> str:
        """A video that waits for HeyGen since now."""
        given = {"kind": "avatar_video", "store": "local", "message": "made", "heygen_video_id": heygen_id}
        return await self.db.write(lambda tx: self.core.lifecycle.create(tx, state=state, **given | values))

    async def edit(self, video_id: str, **values: Any) -> None:
        await self.db.write(lambda tx: tx.execute(update(videos).where(videos.c.id == video_id).values(**values)))

    async def delivered(
        self, type_: str = SUCCESS, *, hint_for: str | None = None, event_id: str | None = None, **data: Any
    ) -> str:
        """An event that came in now, by itself; unsigned, when it is a hint."""
        body = orjson.dumps({"event_type": type_, "event_data": {"video_id": "hg-1"} | data})
        event = parse(body)
        arrival = Arrival(
            endpoint="heygen", source="callback" if hint_for else "webhook", video_id=hint_for, body=body,
            headers=(), received_at=self.clock.now(), type=type_, resource_id=event.resource_id,
            event_id=event_id, remote="127.0.0.1", signature_header="signature",
        )  # fmt: skip
        return (await self.inbox.accept(arrival)).event_id

    async def look(self, **how: bool) -> Look:
        """One run over the videos, and what it led to."""
        look = Look(**how)
        await self.videos_look(look)
        await self.applied()
        return look

    async def applied(self) -> None:
        """Every event that waits is applied."""
        handler = ApplyHandler(self.db, self.clock, self.core.queue, self.told, can_ask=True)
        for row in await self.rows(jobs, jobs.c.kind == "apply_events", jobs.c.state == "available"):
            await handler(ApplyEvents.model_validate(row.payload))
            await self.db.write(
                lambda tx, row=row: tx.execute(update(jobs).where(jobs.c.id == row.id).values(state="done"))
            )  # type: ignore[misc]

    async def row(self, video_id: str) -> Row[Any]:
        (row,) = await self.rows(videos, videos.c.id == video_id)
        return row

    async def state(self, video_id: str) -> str:
        return str((await self.row(video_id)).state)

    async def notes(self, video_id: str) -> list[tuple[str, str]]:
        return [(row.kind, row.message) for row in await self.rows(timeline, timeline.c.video_id == video_id)]

    async def found(self) -> list[tuple[str, str | None]]:
        """The events that reconcile put in."""
        rows = await self.rows(events, events.c.source == "reconcile")
        return [(row.type, row.resource_id) for row in rows]

    async def open_jobs(self, kind: str) -> list[dict[str, Any]]:
        return [row.payload for row in await self.rows(jobs, jobs.c.kind == kind, jobs.c.state == "available")]

    async def runs(self) -> list[Row[Any]]:
        return await self.rows(reconciliations)

    async def rows(self, table: Any, *conditions: Any) -> list[Row[Any]]:
        return await self.rows_of(table, *conditions, by=table.c.id)

    async def rows_of(self, table: Any, *conditions: Any, by: Any = None) -> list[Row[Any]]:
        query = select(table).where(*conditions).order_by(by)
        return await self.db.read(lambda conn: list(conn.execute(query)))


def at(ago_s: float) -> datetime:
    return START - timedelta(seconds=ago_s)
