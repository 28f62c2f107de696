"""One process of the service: how it opens, what runs in it, and how it ends."""

import asyncio
from typing import Any

from starlette.types import ASGIApp

from reelhook import logs
from reelhook.db.lease import Owner, ProcessLease
from reelhook.db.schema import prepare
from reelhook.doors import Doors
from reelhook.errors import DatabaseUnavailable, ReelhookError, Unavailable
from reelhook.health import Health
from reelhook.kit.clock import Clock, SystemClock
from reelhook.kit.ids import Ids
from reelhook.kit.points import At, unnoticed
from reelhook.parts import Parts
from reelhook.settings import Settings
from reelhook.work import spare, worker

OPEN_AGAIN_S = 1.0

log = logs.get("app")


class Service:
    """One process of Reelhook. Make it inside a running event loop, then `start`, and `stop` at the end.

    *works*: jobs run here. *listens*: requests come here. *serves* is False for a command that opens the database for a
    moment, beside the processes that serve from it.
    *at* is called at the points that `kit.points` names.
    """

    def __init__(
        self,
        config: Settings,
        *,
        clock: Clock | None = None,
        ids: Ids | None = None,
        works: bool = True,
        listens: bool = True,
        serves: bool = True,
        at: At = unnoticed,
    ) -> None:
        clock = clock or SystemClock()
        self.parts = Parts(config, clock, ids or Ids(clock), at)
        self.opened = asyncio.Event()
        self.gave_up = asyncio.Event()
        self.failed: ReelhookError | None = None
        self._works, self._serves = works, serves
        self._lease = self._alone() if serves else None
        self._away = "it is being prepared"
        self._draining = asyncio.Event()
        self._stopping = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self.health = Health(self.parts, self._is_open, self._draining.is_set, listens=listens, works=works)
        self.doors = Doors.build(self.parts, self.health.pulse, self.health.readiness)

    @property
    def asgi(self) -> ASGIApp:
        """All that it serves."""
        return self.doors.asgi

    def start(self) -> None:
        """Begin to serve. The database may be away: the doors answer 503 until it is there."""
        self._run(self.health.pulse.run(), "pulse")
        self.parts.errors.book.listen()
        self._run(self.parts.cluster.bus.run(), "bus")
        self._run(self.parts.cluster.lane.run(), "lane")
        self._run(self._open(), "open")

    def drain(self) -> float:
        """Claim no more jobs and say that no more requests should come, but serve those that do.

        Returns for how many seconds that should go on: for none when it has failed, or was never ready.
        """
        self._draining.set()
        lasts = self.parts.config.drain_s if self.opened.is_set() and self.failed is None else 0.0
        log.info("draining", seconds=lasts)
        return lasts

    async def jobs_ended(self) -> None:
        """Return when no job runs here any more, some seconds after DRAIN_S at the latest; none may be claimed then."""
        await asyncio.gather(*(task for task in self._tasks if task.get_name() == "worker"), return_exceptions=True)

    def begin_stop(self) -> None:
        """Say goodbye to the streams, and give jobs no more than a moment. `stop` waits for the rest."""
        self._draining.set()
        self._stopping.set()
        self.parts.backups.begin_stop()
        self.parts.hub.close()

    async def stop(self) -> None:
        """End everything in the order in which it depends on each other."""
        self.begin_stop()
        await self.parts.inbox.close()
        await self.parts.secrets.flush()
        await self.parts.rejections.counts.flush(last=True)
        await self.parts.senders.flush()
        await self.jobs_ended()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.parts.errors.book.close()
        if self.opened.is_set():
            await self._leave()
        await self.parts.close()
        logs.flush()

    async def _leave(self) -> None:
        """Say of this process that it is gone, so that nobody waits for it."""
        if self._serves:
            await self.health.heartbeat.end()
        if self._lease is not None:
            await self._lease.release()

    def _alone(self) -> ProcessLease | None:
        """What keeps a second process out: the rooms of two can only hear of each other through Redis."""
        parts = self.parts
        if parts.db.is_sqlite or parts.config.redis_url is not None:  # the file has its own lock
            return None
        return ProcessLease(parts.db, parts.clock, Owner.this_process(parts.ids))

    async def _open(self) -> None:
        """Prepare the database as soon as it can be reached, then start what needs it."""
        parts = self.parts
        while True:
            try:
                await asyncio.to_thread(parts.db.migrate, prepare)
                if self._lease is not None:
                    await self._lease.take()
                await parts.secrets.load()
                if self._works:
                    await parts.db.write(parts.reconciliation.at_start)
                break
            except DatabaseUnavailable as error:
                self._away = error.message
                log.warning("database.away", error=error.message)
                await parts.clock.sleep(OPEN_AGAIN_S)
        if self._lease is not None:
            self._run(self._lease.keep(), "lease")
        self._run(parts.secrets.watch(), "secrets")
        self._run(parts.rejections.counts.run(), "rejection counts")
        self._run(parts.senders.keep(), "senders")
        self._run(parts.errors.book.run(), "errors")
        self._run(parts.hub.run(), "hub")
        if self._serves:
            self._run(self.health.heartbeat.run(), "heartbeat")
            self._run(parts.alerts.watch.run(spare(parts)), "watch")
        if self._works:
            self._run(worker(parts).run(self._draining, self._stopping), "worker")
        self.opened.set()
        self.health.readiness.look_again()  # who asked until now got a no, which would stand for a second

    def _run(self, work: Any, name: str) -> None:
        task: asyncio.Task[None] = asyncio.create_task(work, name=name)
        task.add_done_callback(self._ended)
        self._tasks.append(task)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """A part that dies takes the process with it: half a service would look healthy."""
        if task.cancelled() or self._stopping.is_set() or (error := task.exception()) is None:
            return
        if isinstance(error, ReelhookError):
            self.failed = error
            log.critical("part.died", part=task.get_name(), error=error.message)
        else:
            self.failed = Unavailable(f"{task.get_name()} died: {type(error).__name__}: {error}")
            log.critical("part.died", part=task.get_name(), exc_info=error)
        self.health.pulse.died(self.failed.message)
        self.gave_up.set()

    def _is_open(self) -> None:
        """Raises *Unavailable* while the database was not opened yet."""
        if not self.opened.is_set():
            raise Unavailable(f"the database was not opened yet: {self._away}")
