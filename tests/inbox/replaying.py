"""Stored events, applied and replayed as the worker does it, and short ways to look at what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import Row, Table, select

from reelhook.auth import Audit
from reelhook.auth.principal import local_admin
from reelhook.db import Database
from reelhook.db.tables import events
from reelhook.events import parse
from reelhook.inbox import Replays, store
from reelhook.inbox.handler import ApplyHandler
from reelhook.inbox.replay import ReplayHandler
from reelhook.jobs import Job, Queue
from reelhook.jobs.event_filter import EventFilter
from reelhook.jobs.kinds import ApplyEvents, ReplayEvents
from reelhook.kit.ids import Ids
from reelhook.videos import Lifecycle, Signals
from tests.conftest import StillClock

from .conftest import arrival

LEASE = timedelta(seconds=30)
BY = local_admin()


def told(kind: str = "avatar_video.success", video: str = "hv1", **data: Any) -> bytes:
    known = {"video_id": video, "url": f"https://files.heygen.example/{video}.mp4"}
    return orjson.dumps({"event_type": kind, "event_data": known | data})


@dataclass
class Scene:
    db: Database
    clock: StillClock
    ids: Ids
    can_ask: bool = False
    queue: Queue = field(init=False)
    lifecycle: Lifecycle = field(init=False)
    signals: Signals = field(init=False)
    replays: Replays = field(init=False)

    def __post_init__(self) -> None:
        self.queue = Queue(self.clock, self.ids)
        self.lifecycle = Lifecycle(self.clock, self.ids, self.queue)
        self.signals = Signals(self.lifecycle, self.queue, "local")
        self.replays = Replays(self.db, self.clock, self.queue, Audit(self.db, self.clock))

    def handler(self, told: Any = None) -> ReplayHandler:
        return ReplayHandler(self.db, self.clock, self.queue, told or self.signals, can_ask=self.can_ask)

    async def stored(self, *bodies: bytes, **other: Any) -> tuple[str, ...]:
        """The ids of the events that these bodies become, each a moment after the other."""
        found = []
        for body in bodies:
            self.clock.move(1)
            one = arrival(body, **{"received_at": self.clock.now(), "type": parse(body).type} | other)
            found += await self.db.write(lambda tx, one=one: store.commit(tx, [one], self.ids, self.queue))
        return tuple(receipt.event_id for receipt in found)

    async def applied(self, *bodies: bytes, **other: Any) -> tuple[str, ...]:
        """The same, and applied."""
        event_ids = await self.stored(*bodies, **other)
        await self.apply(*event_ids)
        return event_ids

    async def apply(self, *event_ids: str) -> None:
        """Apply stored events in one job."""
        apply = ApplyHandler(self.db, self.clock, self.queue, self.signals, can_ask=self.can_ask)
        await apply(ApplyEvents(event_ids=event_ids))

    async def replayed(self, *event_ids: str, asked_at: datetime | None = None) -> None:
        self.clock.move(1)
        await self.handler()(ReplayEvents(event_ids=event_ids, asked_at=asked_at or self.clock.now()))

    async def ask(self, **which: Any) -> int:
        """Ask for a replay by filter."""
        self.clock.move(1)
        return await self.replays.many(BY, EventFilter(**which))

    async def next_replay(self) -> tuple[Job, Any] | None:
        """Claim the next replay job, the way a worker does."""
        kinds = [ReplayEvents.kind]
        jobs = await self.db.write(lambda tx: self.queue.claim(tx, "w", LEASE, 1, kinds))
        return (jobs[0], jobs[0].work()) if jobs else None

    async def work_off(self) -> list[Sequence[str]]:
        """Do replay jobs until there are none; the batches they held."""
        batches = []
        while found := await self.next_replay():
            job, work = found
            batches.append(work.event_ids)
            effect = await self.handler()(work)
            await self.db.write(lambda tx, job=job, effect=effect: (self.queue.finish(tx, job), effect and effect(tx)))
        return batches

    async def rows(self, table: Table) -> list[Row[Any]]:
        order = next(iter(table.primary_key.columns))
        return await self.db.read(lambda conn: list(conn.execute(select(table).order_by(order))))

    async def event(self, event_id: str) -> Row[Any]:
        return await self.db.read(lambda conn: conn.execute(select(events).where(events.c.id == event_id)).one())
