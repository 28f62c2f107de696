"""The wiring: which object gets which, which job kind has which handler, and which path leads where."""

import asyncio
import os
import socket
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from fastapi import APIRouter
from starlette.types import ASGIApp

from reelhook import logs, settings
from reelhook.api import Paths, create_api
from reelhook.archive import (
    ArchiveHandler,
    DeleteHandler,
    Fetcher,
    Limits,
    Links,
    LocalStore,
    MediaEndpoint,
    Settling,
    archive_limit_s,
)
from reelhook.archive.stores.choice import media_hosts, open_stores
from reelhook.auth import Access
from reelhook.auth.endpoints import router as auth_router
from reelhook.backup import Backups
from reelhook.backup import router as backup_router
from reelhook.dashboard import Dashboard
from reelhook.db import Database, Tx
from reelhook.db.probe import WriteProbe
from reelhook.db.schema import prepare
from reelhook.db.secret_key import key_file, secret_keys
from reelhook.errors import DatabaseUnavailable, ReelhookError, Unavailable, WrongSetting
from reelhook.heygen import HeyGen
from reelhook.inbox import Inbox, Rejections, forget_keys
from reelhook.inbox.endpoints import router as events_router
from reelhook.inbox.handler import ApplyHandler, ConfirmHandler
from reelhook.ingest import CallbackDoor, FrontDoor, Guard, SecretBook, WebhookEndpoints
from reelhook.ingest.endpoints import router as webhook_endpoints_router
from reelhook.jobs import POLICIES, Destinations, Every, Handler, Queue, Worker
from reelhook.jobs.dead_letters import DeadLetters
from reelhook.jobs.destination_endpoints import router as destinations_router
from reelhook.jobs.endpoints import router as jobs_router
from reelhook.jobs.kinds import (
    ApplyEvents,
    ArchiveAsset,
    ConfirmVideo,
    DeleteStored,
    FlagLate,
    Prune,
    RequestVideo,
    Work,
)
from reelhook.jobs.lanes import MemoryLane
from reelhook.jobs.queue import SIGNAL as JOBS
from reelhook.kit.addresses import networks
from reelhook.kit.clock import Clock, SystemClock
from reelhook.kit.http import guarded_session
from reelhook.kit.ids import Ids
from reelhook.kit.points import At, unnoticed
from reelhook.kit.sealing import Sealer
from reelhook.monitoring import router as monitoring_router
from reelhook.realtime import Hub, StreamEndpoint
from reelhook.reconcile import Core, Reconciliation
from reelhook.settings import Settings
from reelhook.videos import Lifecycle, Signals
from reelhook.videos.creation import Creation, forget_idempotency_keys
from reelhook.videos.endpoints import router as videos_router
from reelhook.videos.handler import LateHandler, RequestHandler

OPEN_AGAIN_S = 1.0
IDEMPOTENCY_FOR = timedelta(hours=24)

log = logs.get("app")


class Service:
    """One process of Reelhook. Make it inside a running event loop, then `start`, and `stop` at the end.

    *at* is called at the points that `kit.points` names.
    """

    def __init__(
        self,
        config: Settings,
        *,
        clock: Clock | None = None,
        ids: Ids | None = None,
        works: bool = True,
        at: At = unnoticed,
    ) -> None:
        self.config, self._works, self._at = config, works, at
        self.clock = clock or SystemClock()
        self.ids = ids or Ids(self.clock)
        self.db = Database(config.database_url, at)
        self.sealer = Sealer(secret_keys(config, self.ids))
        self.queue = Queue(self.clock, self.ids)
        self.destinations = Destinations(self.clock, self.ids)
        self.lifecycle = Lifecycle(self.clock, self.ids, self.queue)
        self.access = Access.build(config, self.db, self.clock, self.ids, self.sealer)
        self.backups = Backups(self.db, self.access.audit, self.clock, key_file(config))
        self.hub = Hub(self.db, self.clock, self.ids, per_owner=config.streams_per_person)
        self.inbox = Inbox(self.db, self.ids, self.queue)
        self.secrets = SecretBook(self.db, self.sealer, self.clock, self.ids, _webhook_secrets(config))
        self.http = guarded_session(config.fetch_allow)
        self.heygen = self._heygen()
        self.stores = open_stores(config, self.clock)
        core = Core(self.db, self.clock, self.ids, self.queue, self.lifecycle)
        self.reconciliation = Reconciliation.build(
            config, core, self.inbox, self.heygen, self.destinations, self.stores, lambda: bool(self.secrets.known.live)
        )
        self.told = Signals(self.lifecycle, self.queue, next(iter(self.stores)))
        self.opened = asyncio.Event()
        self.gave_up = asyncio.Event()
        self.failed: ReelhookError | None = None
        self._probe = WriteProbe(self.db, self.clock)
        self._away = "it is being prepared"
        self._stopping = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self.asgi = self._asgi()

    def start(self) -> None:
        """Begin to serve. The database may be away: the doors answer 503 until it is there."""
        self._run(self._open(), "open")

    def begin_stop(self) -> None:
        """Say goodbye to the streams and claim no more jobs. `stop` waits for the rest."""
        self._stopping.set()
        self.backups.begin_stop()
        self.hub.close()

    async def stop(self) -> None:
        """End everything in the order in which it depends on each other."""
        self.begin_stop()
        await self.inbox.close()
        await self.secrets.flush()
        workers = [task for task in self._tasks if task.get_name() == "worker"]
        await asyncio.gather(*workers, return_exceptions=True)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.access.close()
        await self.backups.close()
        for store in self.stores.values():
            store.close()
        await self.http.close()
        self.db.close()

    async def _open(self) -> None:
        """Prepare the database as soon as it can be reached, then start what needs it."""
        while True:
            try:
                await asyncio.to_thread(self.db.migrate, prepare)
                await self.secrets.load()
                if self._works:
                    await self.db.write(self.reconciliation.at_start)
                break
            except DatabaseUnavailable as error:
                self._away = error.message
                log.warning("database.away", error=error.message)
                await self.clock.sleep(OPEN_AGAIN_S)
        self._run(self.secrets.watch(), "secrets")
        self._run(self.hub.run(), "hub")
        if self._works:
            self._run(self._worker().run(self._stopping), "worker")
        self.opened.set()

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
        self.gave_up.set()

    def _heygen(self) -> HeyGen | None:
        key = self.config.heygen_api_key
        if key is None:
            return None
        return HeyGen(self.http, self.config.heygen_base_url, key.get_secret_value(), self.clock)

    def _worker(self) -> Worker:
        lane = MemoryLane()
        self.db.on_commit(JOBS, lane.wake)
        return Worker(
            db=self.db,
            queue=self.queue,
            lane=lane,
            handlers=self._handlers(),
            schedule=(Every(15, FlagLate()), Every(3600, Prune()), *self.reconciliation.schedule()),
            clock=self.clock,
            ids=self.ids,
            name=f"{socket.gethostname()}:{os.getpid()}",
            slots=self.config.worker_slots,
            drain_s=self.config.drain_s,
            alone=self.db.is_sqlite,
            at=self._at,
        )

    def _handlers(self) -> Mapping[type[Work], Handler[Any]]:
        apply = ApplyHandler(self.db, self.clock, self.queue, self.told, can_ask=self.heygen is not None)
        confirm = ConfirmHandler(self.db, self.clock, self.lifecycle, self.told, self.heygen, self.destinations)
        request = RequestHandler(self.db, self.lifecycle, self.told, self.heygen, self.destinations, self._callback_url)
        return {
            ApplyEvents: Handler(apply, POLICIES[ApplyEvents], apply.on_dead),
            ConfirmVideo: Handler(confirm, POLICIES[ConfirmVideo], confirm.on_dead),
            RequestVideo: Handler(request, POLICIES[RequestVideo], request.on_dead),
            ArchiveAsset: self._archiving(),
            DeleteStored: Handler(DeleteHandler(self.db, self.stores, self.destinations), POLICIES[DeleteStored]),
            FlagLate: Handler(LateHandler(self.lifecycle), POLICIES[FlagLate]),
            Prune: Handler(self._prune, POLICIES[Prune]),
            **self.reconciliation.handlers(),
        }

    def _archiving(self) -> Handler[ArchiveAsset]:
        limits = Limits(self.config.download_limit_s, self.config.video_max_bytes)
        archive = ArchiveHandler(
            self.db,
            self.clock,
            self.lifecycle,
            Settling(self.clock, self.ids, self.lifecycle, self.queue),
            Fetcher(self.http, self.clock, limits),
            Links(self.heygen, self.clock, self.destinations),
            self.stores,
            self.destinations,
            self.hub.progress,
        )
        return Handler(archive, POLICIES[ArchiveAsset], archive.on_dead, archive_limit_s(limits.total_s))

    async def _prune(self, work: Prune) -> Callable[[Tx], None]:
        now = self.clock.now()

        def effect(tx: Tx) -> None:
            forget_keys(tx, now - timedelta(days=self.config.dedup_days))
            forget_idempotency_keys(tx, now - IDEMPOTENCY_FOR)
            self.access.prune(tx)

        return effect

    def _callback_url(self, video_id: str, has_event: bool) -> str | None:
        """Where HeyGen may call back about one video, when no registered endpoint will hear of it."""
        if self.config.public_url is None or (has_event and self.secrets.known.live):
            return None
        return f"{self.config.public_url}/webhooks/heygen/callback/{self.access.callback_tokens.issue(video_id)}"

    def _asgi(self) -> ASGIApp:
        config, clock = self.config, self.clock
        trusted = networks(config.trusted_proxies)
        guard = Guard(
            clock, allow=networks(config.ingest_allow), rate=config.ingest_rate, wrong_rate=config.ingest_wrong_rate
        )
        rejections = Rejections(self.db, clock, self.ids)
        front = FrontDoor(guard, self.secrets, self.inbox, rejections, clock, trusted)
        callback = CallbackDoor(guard, self.access.callback_tokens.video_id, self.inbox, rejections, clock, trusted)
        creation = Creation(
            clock, self.lifecycle, self.queue, stores=tuple(self.stores), can_ask=self.heygen is not None
        )
        endpoints = WebhookEndpoints.build(
            self.heygen, self.secrets, config.public_url, self.http, self.access.audit, self.db, clock, self.ids
        )
        self.api = create_api(
            _versioned(auth_router(self.access)),
            videos_router(self.db, clock, self.lifecycle, creation, self.access.audit),
            events_router(self.db),
            destinations_router(self.destinations),
            jobs_router(self.db, DeadLetters(clock), self.access.audit),
            self.reconciliation.router(self.access.audit),
            webhook_endpoints_router(endpoints, self.access.site, config.secret_overlap_h),
            backup_router(self.backups),
            monitoring_router({"database": self._database_ready}),
        )
        stream = StreamEndpoint(self.hub, clock, self.ids)
        local = self.stores.get("local")
        media = MediaEndpoint(self.db, local if isinstance(local, LocalStore) else None)
        return self.access.gate(
            Paths(
                exact={"/webhooks/heygen": front, "/api/v1/stream": stream},
                roots={"/webhooks/heygen/callback/": callback, "/media/": media},
                api=self.api,
                rest=Dashboard(media_hosts(config)),
            )
        )

    async def _database_ready(self) -> None:
        if not self.opened.is_set():
            raise Unavailable(f"the database was not opened yet: {self._away}")
        await self._probe()


def _webhook_secrets(config: Settings) -> Callable[[], list[str]]:
    """Reads the secrets anew each time: a file behind the setting may have changed. A bad edit keeps the old ones."""
    at_start = [secret.get_secret_value() for secret in config.heygen_webhook_secrets]

    def read() -> list[str]:
        try:
            now = settings.load().heygen_webhook_secrets
        except WrongSetting as error:
            log.error("secrets.not_read", error=error.message)
            return at_start
        return [secret.get_secret_value() for secret in now] or at_start

    return read


def _versioned(router: APIRouter) -> APIRouter:
    routes = APIRouter(prefix="/api/v1")
    routes.include_router(router)
    return routes
