"""Things that happened at a time that a test names, as the rows they leave."""

import random
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Table, insert

from reelhook.analytics.counting import CountHandler
from reelhook.analytics.counts import Number, all_counted
from reelhook.analytics.rows import mark, write_hour
from reelhook.analytics.spans import HOUR, hour_of
from reelhook.db import Database, Tx
from reelhook.db import tables as t
from reelhook.jobs.kinds import CountHours
from reelhook.kit.ids import Ids
from tests.conftest import StillClock

SECOND = timedelta(seconds=1)
Fact = tuple[str, datetime, str, str]  # metric, hour, name, detail


class Past:
    """*facts*: how often each number was to go up."""

    def __init__(self, db: Database, clock: StillClock) -> None:
        self.db, self.clock = db, clock
        self.facts: Counter[Fact] = Counter()
        self._rows: list[tuple[Table, dict[str, Any]]] = []
        self._serial = 0

    async def count(self) -> None:
        """Run the job that counts."""
        await CountHandler(self.db, self.clock)(CountHours())

    async def skip_to(self, until: datetime) -> None:
        """As if the hours before *until*, in which nothing happened, were counted."""
        await self.db.write(lambda tx: mark(tx, until))

    async def count_what_was(self) -> None:
        """Count the hours in which something happened, without the many in which nothing did."""

        def work(tx: Tx) -> None:
            for hour in sorted({hour for _, hour, _, _ in self.facts}):
                write_hour(tx, hour, all_counted(tx.conn, hour, hour + HOUR))
            mark(tx, hour_of(self.clock.now()))

        await self.db.write(work)

    async def put(self, hour: datetime, metric: str, count: int) -> None:
        """As if this had been counted."""
        await self.db.write(lambda tx: write_hour(tx, hour, {metric: {("", ""): Number(count)}}))

    async def write(self) -> None:
        """Commit what happened since the last time, in one transaction."""
        rows, self._rows = self._rows, []
        await self.db.write(lambda tx: [tx.execute(insert(table).values(**row)) for table, row in rows] and None)

    def event(
        self,
        at: datetime,
        *,
        type: str = "avatar_video.success",
        source: str = "webhook",
        applied_s: float | None = 1.0,
    ) -> str:
        event_id = self._event(at, source, type, applied_s)
        self._fact("accepted", at, type, source)
        return event_id

    def recovered(self, at: datetime, type: str = "avatar_video.success") -> str:
        self._fact("recovered", at, type)
        return self._event(at, "reconcile", type, 1.0)

    def delivered(self, event_id: str, at: datetime, *, duplicate: bool = True) -> None:
        self._add(t.delivery_attempts, event_id=event_id, at=at, remote="192.0.2.1", duplicate=duplicate)
        if duplicate:
            self._fact("duplicates", at)

    def rejected(self, hour: datetime, reason: str, times: int) -> None:
        self._add(t.rejection_counts, hour=hour, endpoint=f"e{self._next()}", reason=reason, refused=times, kept=0)
        self._fact("rejected", hour, reason, times=times)

    def video(self, at: datetime, *, kind: str = "avatar", render_s: float = 60, archive_s: float = 5) -> str:
        """One that was asked for, rendered, stored, ready, and seen two seconds later in two browsers."""
        rendered, ready = at + render_s * SECOND, at + (render_s + archive_s) * SECOND
        video_id = self._video(at, kind, "ready", rendered_at=rendered, ready_at=ready, length_ms=30_000)
        self._fact("render_time", rendered, kind)
        self._fact("rendered_length", rendered, kind)
        self._fact("archive_time", ready, kind)
        asset = {"video_id": video_id, "role": "video", "state": "stored", "store": "local", "bytes": 1000}
        self._add(t.assets, id=self._id(at), **asset, created_at=rendered, stored_at=ready)
        self._fact("stored", ready, "local", "video")
        for browser, later in (("a", 2), ("b", 7200)):
            self._add(t.seen, video_id=video_id, browser=browser, at=ready + later * SECOND)
        self._fact("seen_time", ready + 2 * SECOND, kind)
        return video_id

    def failed(self, at: datetime, code: str = "no_credit", *, by: str = "heygen") -> str:
        video_id = self._video(at, "avatar", "failed", failed_by=by, failure_code=code)
        self._told(video_id, at, "failed")
        self._fact("failed", at, by, code)
        return video_id

    def expired(self, at: datetime, *, role: str = "video", code: str | None = None) -> None:
        """A file that was not stored when its link ended."""
        video_id = self._video(at, "avatar", "unarchived", failure_code=code)
        asset = {"video_id": video_id, "role": role, "state": "pending", "store": "local", "link_expires_at": at}
        self._add(t.assets, id=self._id(at), **asset, created_at=at)
        self._fact("expired", at, "reelhook" if code is None else "heygen", role)

    def notified(self, at: datetime, state: str = "sent") -> None:
        """A message to a person, by e-mail, and one to a chat."""
        person, told, chat = self._id(at), self._id(at), self._id(at)
        words = {"kind": "ready", "severity": "info", "title": "-", "body": "-", "url": "/", "created_at": at}
        self._add(t.people, id=person, email=person, role="viewer", created_at=at)
        self._add(t.notifications, id=told, person_id=person, key="k", **words, channels={})
        self._add(t.notification_deliveries, id=told, notification_id=told, channel="email", state=state, at=at)
        self._add(
            t.chat_destinations, id=chat, name=chat, kinds=[], sealed="", url_hint="", created_at=at, created_by=""
        )
        self._add(t.chat_messages, id=chat, destination_id=chat, key="k", **words, state=state, at=at)
        self._fact("notified", at, "email", state)
        self._fact("notified", at, "chat", state)

    def unarchived(self, at: datetime) -> None:
        self._told(self._video(at, "avatar", "unarchived"), at, "unarchived")
        self._fact("unarchived", at, "avatar")

    def attempt(self, at: datetime, kind: str, outcome: str) -> None:
        job_id = self._id(at)
        job = {"id": job_id, "kind": kind, "payload": {}, "state": "done", "run_at": at, "attempts": 1, "fence": 0}
        self._add(t.jobs, **job, created_at=at, finished_at=at)
        self._add(t.job_attempts, job_id=job_id, number=1, started_at=at, ended_at=at, outcome=outcome)
        self._fact("attempts", at, outcome, kind)

    def anything(self, chance: random.Random, start: datetime, hours: int) -> None:
        """Something of each sort, somewhere in these hours."""
        at = start + chance.randrange(hours * 3_600_000) * timedelta(milliseconds=1)
        event_id = self.event(at, type=chance.choice(("avatar_video.success", "video_agent.fail")))
        for _ in range(chance.randrange(3)):
            self.delivered(event_id, at + chance.randrange(5000) * SECOND)
        self.recovered(start + chance.randrange(hours * 3600) * SECOND)
        self.rejected(at.replace(minute=0, second=0, microsecond=0), chance.choice(("unsigned", "too_large")), 3)
        self.video(at, kind=chance.choice(("avatar", "agent")), render_s=chance.randrange(4000))
        self.failed(at, chance.choice(("no_credit", "moderation")))
        self.unarchived(at)
        self.expired(at, code=chance.choice((None, "link_expired")))
        self.notified(at, chance.choice(("sent", "failed")))
        self.attempt(at, "archive_asset", chance.choice(("done", "retryable", "dead")))

    def _event(self, at: datetime, source: str, type: str, applied_s: float | None) -> str:
        event_id = self._id(at)
        applied = None if applied_s is None else at + applied_s * SECOND
        row = {"id": event_id, "source": source, "endpoint": "heygen", "type": type, "received_at": at}
        state = "pending" if applied is None else "applied"
        self._add(t.events, **row, state=state, body=b"{}", headers=b"{}", applied_at=applied)
        if applied is not None:
            self._fact("apply_time", at, source)
        return event_id

    def _video(self, at: datetime, kind: str, state: str, **values: Any) -> str:
        video_id = self._id(at)
        row = {"id": video_id, "kind": kind, "store": "local", "state": state, "late": False, "request": {}}
        self._add(t.videos, **row, created_at=at, updated_at=at, **values)
        self._fact("asked", at, kind)
        return video_id

    def _told(self, video_id: str, at: datetime, state: str) -> None:
        self._add(t.timeline, video_id=video_id, at=at, kind=state, state=state, message="-", data={})

    def _add(self, table: Table, **row: Any) -> None:
        self._rows.append((table, row))

    def _fact(self, metric: str, at: datetime, name: str = "", detail: str = "", *, times: int = 1) -> None:
        self.facts[metric, at.replace(minute=0, second=0, microsecond=0), name, detail] += times

    def _id(self, at: datetime) -> str:
        return Ids.first_at(at)[:24] + f"{self._next():012x}"

    def _next(self) -> int:
        self._serial += 1
        return self._serial
