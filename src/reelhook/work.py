"""Which job kind has which handler, and what comes round when."""

import os
import socket
from collections.abc import Mapping
from functools import partial
from typing import Any

from reelhook.analytics import CountHandler
from reelhook.archive import (
    ArchiveHandler,
    DeleteHandler,
    Fetcher,
    Limits,
    Links,
    MeasureHandler,
    Settling,
    archive_limit_s,
)
from reelhook.inbox.handler import ApplyHandler, ConfirmHandler
from reelhook.inbox.replay import ReplayHandler
from reelhook.jobs import POLICIES, Every, Handler, Spare, Worker
from reelhook.jobs.kinds import (
    ApplyEvents,
    ArchiveAsset,
    ConfirmVideo,
    CountHours,
    DeleteStored,
    FlagLate,
    MailLink,
    MeasureStores,
    Prune,
    ReleaseVideos,
    ReplayEvents,
    RequestVideo,
    Work,
)
from reelhook.kit.targets import Targets
from reelhook.notify.channels.email import Letters, MailLinkHandler, Sender, SmtpServer
from reelhook.parts import Parts
from reelhook.personal import ReleaseHandler
from reelhook.retention import PruneHandler, sweeps
from reelhook.videos.handler import LateHandler, RequestHandler


def worker(parts: Parts) -> Worker:
    """The worker of this process."""
    return Worker(
        db=parts.db,
        queue=parts.queue,
        lane=parts.cluster.lane,
        handlers=_handlers(parts),
        schedule=(
            Every(15, FlagLate()),
            Every(3600, Prune()),
            *parts.reconciliation.schedule(),
            *parts.alerts.schedule(),
            Every(300, CountHours()),
            Every(1800, MeasureStores()),
        ),
        clock=parts.clock,
        ids=parts.ids,
        name=_name(),
        slots=parts.config.worker_slots,
        drain_s=parts.config.drain_s,
        alone=parts.db.is_sqlite,
        at=parts.at,
        failed=parts.errors.book.attempt_failed,
    )


def spare(parts: Parts) -> Spare:
    """What this process does when it sees that there is no worker."""
    handlers = {**parts.telling.handlers(), **parts.webhooks.handlers()}
    return Spare(parts.db, parts.queue, parts.clock, parts.ids, handlers, _name())


def _name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"


def _handlers(parts: Parts) -> Mapping[type[Work], Handler[Any]]:
    db, clock, told, destinations = parts.db, parts.clock, parts.told, parts.destinations
    asks = parts.heygen is not None
    apply = ApplyHandler(db, clock, parts.queue, told, can_ask=asks, listener=parts.outbox.event)
    replay = ReplayHandler(db, clock, parts.queue, told, can_ask=asks, listener=parts.outbox.event)
    confirm = ConfirmHandler(db, clock, parts.lifecycle, told, parts.heygen, destinations)
    request = RequestHandler(db, parts.lifecycle, told, parts.heygen, destinations, parts.callback_url)
    return {
        ApplyEvents: Handler(apply, POLICIES[ApplyEvents], apply.on_dead),
        ReplayEvents: Handler(replay, POLICIES[ReplayEvents], replay.on_dead),
        ConfirmVideo: Handler(confirm, POLICIES[ConfirmVideo], confirm.on_dead),
        RequestVideo: Handler(request, POLICIES[RequestVideo], request.on_dead),
        ArchiveAsset: _archiving(parts),
        DeleteStored: Handler(DeleteHandler(db, parts.stores, destinations), POLICIES[DeleteStored]),
        MeasureStores: Handler(MeasureHandler(clock, parts.stores), POLICIES[MeasureStores]),
        MailLink: Handler(mailing(parts), POLICIES[MailLink]),
        ReleaseVideos: Handler(ReleaseHandler(db, parts.lifecycle), POLICIES[ReleaseVideos]),
        FlagLate: Handler(LateHandler(parts.lifecycle), POLICIES[FlagLate]),
        CountHours: Handler(CountHandler(db, clock), POLICIES[CountHours]),
        Prune: Handler(PruneHandler(db, clock, partial(sweeps, parts.config)), POLICIES[Prune]),
        **parts.webhooks.handlers(),
        **parts.telling.handlers(),
        **parts.reconciliation.handlers(),
        **parts.alerts.handlers(),
    }


def _archiving(parts: Parts) -> Handler[ArchiveAsset]:
    limits = Limits(parts.config.download_limit_s, parts.config.video_max_bytes)
    archive = ArchiveHandler(
        parts.db,
        parts.clock,
        parts.lifecycle,
        Settling(parts.clock, parts.ids, parts.lifecycle, parts.queue),
        Fetcher(parts.http, parts.clock, limits, Targets(parts.config.fetch_allow, parts.config.fetch_hosts)),
        Links(parts.heygen, parts.clock, parts.destinations),
        parts.stores,
        parts.destinations,
        parts.hub.progress,
    )
    return Handler(archive, POLICIES[ArchiveAsset], archive.on_dead, archive_limit_s(limits.total_s))


def mailing(parts: Parts) -> MailLinkHandler:
    """What mails one-time links."""
    access, config = parts.access, parts.config
    sender = Sender.parse(config.mail_from)
    letters = Letters(sender, config.public_url or "", parts.clock, parts.ids)
    server = SmtpServer.parse(config.smtp_url.get_secret_value()) if config.smtp_url else None
    return MailLinkHandler(parts.db, access.links, access.audit, access.site, sender, letters, server)
