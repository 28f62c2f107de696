"""Follows the stream log and hands every update, encoded once, to all subscribers who want it."""

import asyncio
from collections import OrderedDict

from reelhook import logs, metrics
from reelhook.db import Database
from reelhook.errors import DatabaseUnavailable
from reelhook.kit.clock import Clock
from reelhook.kit.ids import Ids
from reelhook.realtime import log as stream_log
from reelhook.realtime import wire
from reelhook.realtime.log import Update
from reelhook.realtime.subscriber import Subscriber

PAGE = 500
POLL_S = 1.0
TEND_S = 0.25
GRACE_S = 5.0  # how long a connection may stay full
HEARTBEAT_S = 20.0
SLICE = 500  # sends between two breaths of the loop

log = logs.get("realtime")


class Hub:
    """The subscribers of this process. Updates come from the log alone, so they come in order and none is skipped."""

    def __init__(self, db: Database, clock: Clock, ids: Ids, *, per_owner: int = 8) -> None:
        self._db, self._clock, self._ids, self._per_owner = db, clock, ids, per_owner
        self._subscribers: OrderedDict[Subscriber, None] = OrderedDict()
        self._woken = asyncio.Event()
        self._cursor: int | None = None
        self.closed = False
        db.on_commit(stream_log.SIGNAL, self.wake)

    @property
    def cursor(self) -> int | None:
        """The id of the last update handed out; None before the log was first read."""
        return self._cursor

    def wake(self) -> None:
        """Say that the log may have grown."""
        self._woken.set()

    async def run(self) -> None:
        """Follow the log until cancelled."""
        tending = asyncio.create_task(self._tend(), name="hub-tend")
        try:
            while True:
                try:
                    await self._follow()
                except DatabaseUnavailable as error:
                    log.warning("hub.waiting", error=error.message)
                await self._wait()
        finally:
            tending.cancel()
            await asyncio.gather(tending, return_exceptions=True)

    def add(self, subscriber: Subscriber) -> None:
        """Register *subscriber*; the oldest stream of an owner who holds too many gives way."""
        self._subscribers[subscriber] = None
        metrics.STREAMS.inc()
        same = [other for other in self._subscribers if other.owner == subscriber.owner and not other.cut]
        for other in same[: -self._per_owner]:
            metrics.STREAMS_CUT.labels("superseded").inc()
            other.end(wire.superseded(f"more than {self._per_owner} streams are open for the same person or key"))

    def remove(self, subscriber: Subscriber) -> None:
        if subscriber in self._subscribers:
            del self._subscribers[subscriber]
            metrics.STREAMS.dec()

    def progress(self, video_id: str, subject: str | None, done: int, total: int | None) -> None:
        """Tell whoever watches this video how many bytes are stored. Not kept: the next update says it anyway."""
        frame = wire.passing("video.progress", {"video_id": video_id, "bytes": done, "total": total})
        self._hand_out(Update(0, "video.progress", video_id, subject, ""), None, frame, list(self._subscribers))

    def close(self, reason: str = "the server is restarting") -> None:
        """End every stream with `bye` and a different time to come back for each; new ones are refused."""
        self.closed = True
        for subscriber in list(self._subscribers):
            subscriber.end(wire.bye(reason, retry_ms=self.comeback_ms()))

    def comeback_ms(self) -> int:
        return 500 + int(2500 * self._ids.fraction())

    async def _wait(self) -> None:
        try:
            await asyncio.wait_for(self._woken.wait(), POLL_S)
        except TimeoutError:
            return
        self._woken.clear()

    async def _follow(self) -> None:
        if self._cursor is None:
            self._cursor = await self._db.read(stream_log.head)
        while True:
            cursor = self._cursor
            updates = await self._db.read(lambda conn, cursor=cursor: stream_log.after(conn, cursor, PAGE))  # type: ignore[misc]
            for update in updates:
                # The cursor moves first: whoever registers from here on replays this update from the log.
                self._cursor = update.id
                everyone = list(self._subscribers)
                frame = wire.update(update)
                for start in range(0, len(everyone), SLICE):
                    if start:
                        await asyncio.sleep(0)
                    self._hand_out(update, update.id, frame, everyone[start : start + SLICE])
            if len(updates) < PAGE:
                return

    def _hand_out(self, update: Update, update_id: int | None, frame: bytes, to: list[Subscriber]) -> None:
        now = self._clock.monotonic()
        for subscriber in to:
            if subscriber.wants(update) and not subscriber.offer(update_id, frame, now):
                self._cut(subscriber)

    def _cut(self, subscriber: Subscriber) -> None:
        metrics.STREAMS_CUT.labels("slow").inc()
        subscriber.abort()

    async def _tend(self) -> None:
        """Flush connections that were full, cut those that stay so, and keep quiet ones open."""
        beat = self._clock.monotonic()
        while True:
            await self._clock.sleep(TEND_S)
            now = self._clock.monotonic()
            for subscriber in [s for s in self._subscribers if s.full_since is not None]:
                if not subscriber.flush() and now - (subscriber.full_since or now) > GRACE_S:
                    self._cut(subscriber)
            if now - beat >= HEARTBEAT_S:
                beat = now
                await self._heartbeat(now)

    async def _heartbeat(self, now: float) -> None:
        quiet = [s for s in self._subscribers if s.full_since is None]
        for start in range(0, len(quiet), SLICE):
            for subscriber in quiet[start : start + SLICE]:
                subscriber.offer(None, wire.HEARTBEAT, now)
            await asyncio.sleep(0)
