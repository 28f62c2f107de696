"""Stored events again: asked for by an operator, done by jobs, harmless for what was applied before."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import bindparam, or_, update

from reelhook.auth import Audit, Principal
from reelhook.db import Database, Tx
from reelhook.db.tables import events
from reelhook.db.together import Together
from reelhook.inbox import queries
from reelhook.inbox.applying import (
    GROUP,
    Applying,
    Asked,
    Listener,
    decisive,
    in_groups,
    locked,
    nobody,
    not_applied,
    note_replay,
)
from reelhook.inbox.selection import extent, some
from reelhook.jobs import Effect, Failure, Queue
from reelhook.jobs.event_filter import EventFilter
from reelhook.jobs.kinds import ReplayEvents
from reelhook.kit.clock import Clock
from reelhook.videos import Signals

BATCH = 256  # events of one job
# How much younger work may be and still go before a replay of many: what HeyGen tells right now is more urgent.
BEHIND = timedelta(hours=1)
SCAN_LIMIT_S = 60.0  # a filter that no index serves looks at every event
COUNT = (
    update(events)
    .where(events.c.id == bindparam("of"))
    .values(replays=events.c.replays + 1, replayed_at=bindparam("now"))
)


class Replays:
    """Asks for replays: each is a job, committed together with its entry in the audit log."""

    def __init__(self, db: Database, clock: Clock, queue: Queue, audit: Audit) -> None:
        self._db, self._clock, self._queue, self._audit = db, clock, queue, audit

    async def one(self, by: Principal, event_id: str) -> dict[str, Any]:
        """Ask for one event, and return it as it is now. Raises *NotFound*."""

        def work(tx: Tx) -> dict[str, Any]:
            event = queries.summary(tx.conn, event_id)
            self._queue.add(tx, ReplayEvents(event_ids=(event["id"],), asked_at=self._clock.now()))
            self._audit.record(tx, by, "event.replay", event["id"])
            return event

        return await self._db.write(work)

    async def many(self, by: Principal, which: EventFilter) -> int:
        """Ask for all that *which* means at this moment; returns how many that is."""
        number, newest = await self._db.read(lambda conn: extent(conn, which), limit_s=SCAN_LIMIT_S)
        begin = ReplayEvents(event_ids=(), asked_at=self._clock.now(), which=which, up_to=newest)

        def work(tx: Tx) -> None:
            if number:
                add_behind(self._queue, tx, begin)
            told = which.model_dump(mode="json", exclude_none=True)
            self._audit.record(tx, by, "events.replay", None, events=number, **told)

        await self._db.write(work)
        return number


class ReplayHandler:
    """Applies a batch of events again, a group in each transaction, and adds the job of the next batch.

    The writer is never held for long, a replay of many takes one of the worker's slots, and an event remembers when it
    was replayed: a job that was interrupted goes on where it stopped.
    """

    def __init__(
        self, db: Database, clock: Clock, queue: Queue, told: Signals, *, can_ask: bool, listener: Listener = nobody
    ) -> None:
        self._db, self._clock, self._queue = db, clock, queue
        self._applying = Applying(clock, queue, told, can_ask=can_ask, listener=listener)

    async def __call__(self, work: ReplayEvents) -> Effect | None:
        together = Together(self._db, partial(self._replay, work.asked_at), name="replay-events", most=GROUP)
        failed = await in_groups(work.event_ids, together)
        if failed and work.which is None:
            raise decisive(failed.values())
        following = await self._following(work)

        def effect(tx: Tx) -> None:
            if failed:  # by themselves: they are tried again, and keep nobody waiting
                add_behind(self._queue, tx, ReplayEvents(event_ids=tuple(failed), asked_at=work.asked_at))
            if following:
                next_batch = {"event_ids": following, "after": following[-1]}
                add_behind(self._queue, tx, work.model_copy(update=next_batch))

        return effect

    def on_dead(self, tx: Tx, work: ReplayEvents, failure: Failure) -> None:
        """Events that could not be replayed say why, and those that were to come after them still do."""
        not_applied(tx, work.event_ids, failure)
        left = or_(events.c.replayed_at.is_(None), events.c.replayed_at < work.asked_at)
        undone = update(events).where(events.c.id.in_(work.event_ids), left)
        tx.execute(undone.values(replay_verdict=f"not replayed: {failure.message}"))
        if work.which is not None and work.event_ids:
            add_behind(self._queue, tx, work.model_copy(update={"event_ids": ()}))

    def _replay(self, asked_at: datetime, tx: Tx, asked: Sequence[Asked]) -> Sequence[None]:
        within = dict(asked)
        group = locked(tx, within, or_(events.c.replayed_at.is_(None), events.c.replayed_at < asked_at))
        # Never before it was asked for, whatever the clocks of two machines say.
        now = max(self._clock.now(), asked_at)
        for event, verdict in zip(group, self._applying.apply(tx, group, within), strict=True):
            tx.later(COUNT, {"of": event.id, "now": now})
            note_replay(tx, event.id, verdict)
        return [None] * len(asked)

    async def _following(self, work: ReplayEvents) -> tuple[str, ...]:
        which = work.which
        if which is None:
            return ()
        return await self._db.read(
            lambda conn: some(conn, which, after=work.after, up_to=work.up_to, limit=BATCH), limit_s=SCAN_LIMIT_S
        )


def add_behind(queue: Queue, tx: Tx, work: ReplayEvents) -> None:
    queue.add(tx, work, deadline=work.asked_at + BEHIND)
