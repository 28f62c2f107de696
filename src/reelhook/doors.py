"""Which path leads where."""

from dataclasses import dataclass
from typing import Self

from fastapi import FastAPI
from starlette.types import ASGIApp

from reelhook.analytics import objectives_router
from reelhook.analytics import router as analytics_router
from reelhook.api import Operations, Paths, Traced, cache_control, create_api
from reelhook.archive import MediaEndpoint
from reelhook.archive.link_endpoints import router as links_router
from reelhook.archive.store_endpoints import router as stores_router
from reelhook.archive.stores.choice import media_hosts
from reelhook.auth.endpoints import routers as auth_routers
from reelhook.backup import router as backup_router
from reelhook.dashboard import Dashboard
from reelhook.inbox import Replays
from reelhook.inbox.endpoints import router as events_router
from reelhook.inbox.rejection_endpoints import router as rejections_router
from reelhook.ingest import Allowlist, CallbackDoor, FrontDoor, Guard, WebhookEndpoints
from reelhook.ingest.checking import router as signature_check_router
from reelhook.ingest.endpoints import router as webhook_endpoints_router
from reelhook.ingest.sender_endpoints import router as senders_router
from reelhook.jobs.dead_letters import DeadLetters
from reelhook.jobs.destination_endpoints import router as destinations_router
from reelhook.jobs.endpoints import router as jobs_router
from reelhook.kit.addresses import networks
from reelhook.kit.sparing import Sparing
from reelhook.monitoring import Gauges, Pulse, Readiness
from reelhook.monitoring import router as monitoring_router
from reelhook.monitoring.process_endpoints import router as processes_router
from reelhook.monitoring.scrape import router as metrics_router
from reelhook.parts import Parts
from reelhook.personal import router as personal_router
from reelhook.realtime import StreamEndpoint
from reelhook.request_lines import RequestLines
from reelhook.retention.endpoints import router as keeping_router
from reelhook.sealed import Resealing
from reelhook.sealed import router as sealed_router
from reelhook.settings import Settings
from reelhook.videos.account_endpoints import router as account_router
from reelhook.videos.creation import Creation
from reelhook.videos.endpoints import router as videos_router


@dataclass(frozen=True)
class Doors:
    """Everything that is served, behind the gate, as *asgi*; *api* is the part of it that describes itself.

    *operations*: what a process serves that has no other doors, behind the same gate.
    """

    api: FastAPI
    asgi: ASGIApp
    operations: ASGIApp

    @classmethod
    def build(cls, parts: Parts, pulse: Pulse, readiness: Readiness) -> Self:
        api = _api(parts, pulse, readiness)
        front, callback = _webhooks(parts)
        stream = StreamEndpoint(parts.hub, parts.clock, parts.ids, compression=parts.config.stream_compression)
        media = MediaEndpoint(parts.db, parts.clock, parts.stores)
        dashboard = Dashboard(media_hosts(parts.config), embed_origins=parts.config.embed_origins)
        unsubscribe = parts.telling.unsubscribe(dashboard)
        paths = Paths(
            exact={"/webhooks/heygen": front, "/api/v1/stream": stream},
            roots={"/webhooks/heygen/callback/": callback, "/media/": media, "/unsubscribe/": unsubscribe},
            api=Traced(Sparing(api, cache_control)),
            rest=dashboard,
        )
        return cls(api, _gated(parts, paths), _gated(parts, Operations(paths)))


def _gated(parts: Parts, app: ASGIApp) -> ASGIApp:
    return RequestLines(parts.access.shield(parts.access.gate(app)), parts.clock, parts.ids)


def _webhooks(parts: Parts) -> tuple[FrontDoor, CallbackDoor]:
    config, clock, inbox = parts.config, parts.clock, parts.inbox
    allow, trusted = networks(config.ingest_allow), networks(config.trusted_proxies)
    guard = Guard(
        parts.cluster.limits,
        parts.senders,
        allow=allow,
        enforce=config.ingest_allow_mode == "enforce",
        rate=config.ingest_rate,
        wrong_rate=config.ingest_wrong_rate,
    )
    front = FrontDoor(guard, parts.secrets, inbox, parts.rejections, clock, trusted)
    return front, CallbackDoor(guard, parts.access.callback_tokens.video_id, inbox, parts.rejections, clock, trusted)


def _api(parts: Parts, pulse: Pulse, readiness: Readiness) -> FastAPI:
    config, db, clock, access = parts.config, parts.db, parts.clock, parts.access
    can_ask = parts.heygen is not None
    creation = Creation(clock, parts.lifecycle, parts.queue, stores=tuple(parts.stores), can_ask=can_ask)
    endpoints = WebhookEndpoints.build(
        parts.heygen, parts.secrets, config.public_url, parts.http, access.audit, db, clock, parts.ids
    )
    return create_api(
        *auth_routers(access),
        videos_router(db, clock, parts.lifecycle, creation, access.audit),
        account_router(parts.account, config.heygen_base_url, tuple(parts.stores)),
        links_router(db, access),
        stores_router(db, parts.stores),
        events_router(db, Replays(db, clock, parts.queue, access.audit)),
        rejections_router(db, clock),
        signature_check_router(parts.secrets),
        destinations_router(parts.destinations),
        jobs_router(db, DeadLetters(clock), access.audit),
        parts.reconciliation.router(access.audit),
        senders_router(db, clock, _allowlist(config)),
        webhook_endpoints_router(endpoints, access.site, config.secret_overlap_h),
        parts.webhooks.router(),
        *parts.telling.routers(),
        parts.push.router(access.audit, access.site),
        backup_router(parts.backups),
        sealed_router(Resealing(db, parts.sealer, access.audit)),
        keeping_router(config, db),
        personal_router(db, clock, parts.queue, access),
        *parts.alerts.routers(),
        parts.errors.router(),
        analytics_router(db, clock),
        monitoring_router(pulse, readiness),
        processes_router(db, clock),
        metrics_router(Gauges(db, clock)),
        objectives_router(db, clock),
    )


def _allowlist(config: Settings) -> Allowlist:
    return Allowlist(networks(config.ingest_allow), enforce=config.ingest_allow_mode == "enforce")
