"""Follows the stream log and hands its updates, encoded once, to all subscribers who want them."""

import asyncio
import itertools
from collections.abc import Sequence
from datetime import datetime

import orjson

from reelhook import logs, metrics, tracing
from reelhook.auth.standing import Standing
from reelhook.db import Database
from reelhook.errors import DatabaseUnavailable
from reelhook.kit.bus import Bus
from reelhook.kit.clock import Clock, seconds_since
from reelhook.kit.ids import Ids
from reelhook.realtime import cap as stream_cap
from reelhook.realtime import goodbyes, portions, wire
from reelhook.realtime import log as stream_log
from reelhook.realtime.audience import Audience
from reelhook.realtime.cap import SUPERSEDED, StreamCap
from reelhook.realtime.goodbyes import Reason
from reelhook.realtime.log import HistoryGone, Update
from reelhook.realtime.recent import MOST, Entry, Recent
from reelhook.realtime.revoked import Revoked
from reelhook.realtime.subscriber import Subscriber, body

PAGE = 500
POLL_S = 1.0
HEARTBEAT_S = 20.0
SLICE = 500  # sends between two breaths of the loop
PROGRESS = "progress"
ACCESS_ENDED_MS = 3000  # long enough for every server to have heard of it

log = logs.get("realtime")


class Hub:
    """The subscribers of this process. Updates come from the log alone, so they come in order and none is skipped."""

    def __init__(self, db: Database, bus: Bus, cap: StreamCap, standing: Standing, clock: Clock, ids: Ids) -> None:
        self._db, self._bus, self._cap, self._clock, self._ids = db, bus, cap, clock, ids
        self._numbers = itertools.count(1)
        self._audience = Audience()
        self._revoked = Revoked(standing, bus, clock, self._all, self._end_of_access)
        self._recent: Recent | None = None
        self._behind: set[asyncio.Task[None]] = set()
        self._woken = asyncio.Event()
        self._steps = 0
        self.opened = 0  # since the start
        self.closed = False
        db.on_commit(stream_log.SIGNAL, lambda _: bus.publish(stream_log.SIGNAL))
        bus.listen(stream_log.SIGNAL, lambda _: self.wake())
        bus.listen(PROGRESS, self._pass_on_progress)
        bus.listen(SUPERSEDED, self._supersede)
        bus.after_gap(self.wake)

    @property
    def cursor(self) -> int | None:
        """The id of the last update handed out; None before the log was first read."""
        return None if self._recent is None else self._recent.newest

    @property
    def streams(self) -> int:
        """How many are open."""
        return len(self._audience)

    def wake(self) -> None:
        """Say that the log may have grown."""
        self._woken.set()

    async def run(self) -> None:
        """Follow the log until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._beat(), name="hub-heartbeat")
            tasks.create_task(self._revoked.run(), name="hub-revoked")
            tasks.create_task(self._cap.run(), name="hub-cap")
            tasks.create_task(self._follow_on(), name="hub-follow")

    async def _follow_on(self) -> None:
        try:
            while True:
                try:
                    await self._follow()
                except DatabaseUnavailable as error:
                    log.warning("hub.waiting", error=error.message)
                await self._wait()
        finally:
            behind = list(self._behind)
            for task in behind:
                task.cancel()
            await asyncio.gather(*behind, return_exceptions=True)

    def add(self, subscriber: Subscriber) -> None:
        """Register *subscriber*; the oldest stream of a person who holds too many gives way."""
        subscriber.number = next(self._numbers)
        self._audience.add(subscriber)
        self.opened += 1
        metrics.STREAMS.inc()
        if owner := stream_cap.owner(subscriber.principal):
            self._cap.opened(owner, subscriber.number)

    def remove(self, subscriber: Subscriber) -> None:
        self._audience.remove(subscriber)
        metrics.STREAMS.dec()
        if owner := stream_cap.owner(subscriber.principal):
            self._cap.closed(owner, subscriber.number)

    async def catch_up(self, subscriber: Subscriber) -> None:
        """Send what *subscriber* missed, as fast as it reads; then let live updates flow.

        It goes live in the same step of the loop in which it is found level with the hub, so nothing falls between.
        """
        try:
            while not subscriber.cut:
                missed, level = await self._missed(subscriber)
                if not missed and subscriber.last_id >= max(level, self.cursor or 0):
                    subscriber.live = not subscriber.cut
                    return
                frames = portions.first(missed, level, subscriber)
                if frames and not await subscriber.write(frames):
                    self._cut(subscriber)
                metrics.STREAM_REPLAYED.inc(0 if subscriber.cut else len(frames))
        except DatabaseUnavailable:
            subscriber.end(goodbyes.bye(Reason.UNAVAILABLE, self.comeback_ms()), Reason.UNAVAILABLE)

    def progress(self, video_id: str, subject: str | None, done: int, total: int | None) -> None:
        """Tell whoever watches this video, on any server, how many bytes are stored.

        Not kept, and lost when Redis is away: the next update says it anyway.
        """
        told = {"video_id": video_id, "subject": subject, "bytes": done, "total": total}
        self._bus.publish(PROGRESS, orjson.dumps(told).decode())

    def close(self) -> None:
        """End every stream with `bye` and a different time to come back for each; new ones are refused."""
        self.closed = True
        for subscriber in self._all():
            subscriber.end(goodbyes.bye(Reason.SHUTDOWN, self.comeback_ms()), Reason.SHUTDOWN)

    def comeback_ms(self) -> int:
        return 500 + int(2500 * self._ids.fraction())

    def _all(self) -> list[Subscriber]:
        return list(self._audience)

    def _pass_on_progress(self, message: str) -> None:
        try:
            told = orjson.loads(message)
            about = Update(0, "video.progress", told["video_id"], told.pop("subject"), "")
        except (ValueError, LookupError, TypeError, AttributeError):
            log.debug("hub.progress_not_read", message=message[:200])
            return
        frame = wire.passing(about.event, told)
        for subscriber in self._audience.of(about):
            subscriber.pass_on(frame)

    def _supersede(self, stream: str) -> None:
        subscriber = self._audience.numbered(stream_cap.number_here(stream, self._bus.me))
        if subscriber is not None and not subscriber.cut:
            metrics.STREAMS_CUT.labels("superseded").inc()
            subscriber.end(goodbyes.superseded(), Reason.TOO_MANY)

    def _end_of_access(self, subscriber: Subscriber) -> None:
        if not subscriber.cut:
            metrics.STREAMS_CUT.labels("access").inc()
            subscriber.end(goodbyes.bye(Reason.REVOKED, ACCESS_ENDED_MS + self.comeback_ms()), Reason.REVOKED)

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(POLL_S):
                await self._woken.wait()
        except TimeoutError:
            return
        self._woken.clear()

    async def _follow(self) -> None:
        if self._recent is None:
            self._recent = await self._end_of_log()
        while True:
            try:
                updates = await self._read(self._recent.newest)
            except HistoryGone as gone:
                self._begin_anew(gone.head)
                return
            entries = [(update, wire.update(update)) for update in updates]
            # Kept first: whoever registers or falls behind from here on finds these updates there.
            for entry in entries:
                self._recent.add(*entry)
            for some in portions.of(entries):
                if self._audience:
                    await self._hand_out(some)
            if len(updates) < PAGE:
                return

    async def _end_of_log(self) -> Recent:
        """Begin with the end of the log: most of those who come back after a restart were there until just before."""
        start, updates = await self._db.read(lambda conn: stream_log.latest(conn, MOST))
        recent = Recent(start)
        for update in updates:
            recent.add(update, wire.update(update))
        return recent

    async def _read(self, last_id: int) -> list[Update]:
        return await self._db.read(lambda conn: stream_log.follow(conn, last_id, PAGE))

    def _begin_anew(self, head: int) -> None:
        """This process stood still for so long that the log was pruned beyond us: everybody is told `resync`."""
        log.warning("hub.history_gone", cursor=self.cursor, head=head)
        self._recent = Recent(head)
        for subscriber in self._all():
            if subscriber.live:
                self._fell_behind(subscriber)

    async def _hand_out(self, entries: Sequence[Entry]) -> None:
        """Write all that a stream wants of *entries* at once: to begin a write costs more than what is in it."""
        began, last_id = self._clock.now(), entries[-1][0].id
        written = dict.fromkeys((update.id for update, _ in entries), 0)
        for part in await self._audience.divided(entries, self._breathe):
            message = body(part.encoding.pack(b"".join(frame for _, frame in part.entries)))
            taken = 0
            for subscriber in part.streams:
                if subscriber.take(message, len(part.entries), last_id):
                    taken += 1
                else:
                    self._fell_behind(subscriber)
                await self._breathe()
            for update, _ in part.entries:
                written[update.id] += taken
        for subscriber in self._audience:
            if subscriber.live:  # so it has all that it wants of these
                subscriber.last_id = max(subscriber.last_id, last_id)
        for update, _ in entries:
            self._tell_of(update, began, written[update.id])

    def _tell_of(self, update: Update, began: datetime, streams: int) -> None:
        about: tracing.Attributes = {
            "stream_id": update.id,
            "update": update.event,
            "video_id": update.video_id,
            "streams": streams,
        }
        with tracing.span("stream update", "producer", after=update.trace, since=began, about=about):
            self._measure(update)

    def _measure(self, update: Update) -> None:
        """Once for all streams: a thousand of them must not wait for a thousand counts."""
        if update.at is not None:
            metrics.FANOUT_SECONDS.observe(seconds_since(self._clock, update.at))
        if update.received_at is not None:
            metrics.SHOWN_SECONDS.observe(seconds_since(self._clock, update.received_at))

    def _fell_behind(self, subscriber: Subscriber) -> None:
        """Its connection is full: it gets the rest at its own speed, and nobody waits for it."""
        subscriber.live = False
        task = asyncio.create_task(self.catch_up(subscriber), name="stream-catch-up")
        self._behind.add(task)
        task.add_done_callback(self._behind.discard)

    async def _missed(self, subscriber: Subscriber) -> tuple[list[Entry], int]:
        """The next updates behind the subscriber's last one, from memory if they are there.

        They are all that it may want up to the id that is returned with them.
        """
        since = subscriber.last_id
        known = self._recent.after(since, PAGE, subscriber.wants.shelves()) if self._recent else None
        if known is not None:
            return known
        among = subscriber.wants.among()
        try:
            found, level = await self._db.read(lambda conn: stream_log.replay(conn, since, PAGE, among))
        except HistoryGone as gone:
            subscriber.start = "resync"
            return [(Update(gone.head, wire.RESYNC, None, None, ""), wire.resync(gone.head))], gone.head
        return [(update, wire.update(update)) for update in found], level

    def _cut(self, subscriber: Subscriber) -> None:
        if not subscriber.cut:
            metrics.STREAMS_CUT.labels("slow").inc()
            subscriber.abort()

    async def _beat(self) -> None:
        """Keep quiet connections open, and tell each how far it is, lest it come back with an id of long ago."""
        while True:
            await self._clock.sleep(HEARTBEAT_S)
            for subscriber in self._all():
                subscriber.pass_on(wire.heartbeat(subscriber.last_id))
                await self._breathe()

    async def _breathe(self, steps: int = 1) -> None:
        """Let others run between many *steps*."""
        self._steps += steps
        if self._steps >= SLICE:
            self._steps = 0
            await asyncio.sleep(0)
