"""The room wired: who tells, who sends, and what people can say about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from fastapi import APIRouter
from starlette.types import ASGIApp

from reelhook.auth import Audit
from reelhook.auth.callback_tokens import IdTokens
from reelhook.db import Database
from reelhook.db.tables import notification_deliveries
from reelhook.jobs import POLICIES, Handler, Queue
from reelhook.jobs.kinds import SendDigest, SendNotification, Work
from reelhook.kit.clock import Clock
from reelhook.kit.ids import Ids
from reelhook.kit.sealing import Sealer
from reelhook.limits import Limits
from reelhook.notify.channel import Channel
from reelhook.notify.channels.chat import Announcing, Chats
from reelhook.notify.channels.email import EmailChannel, Sender, SmtpServer
from reelhook.notify.channels.email.unsubscribing import PURPOSE, Unsubscribe
from reelhook.notify.channels.webhook import Outbox
from reelhook.notify.endpoints import router
from reelhook.notify.handler import DigestHandler, SendHandler
from reelhook.notify.ledger import Ledger
from reelhook.notify.mine import Mine
from reelhook.notify.preferences import Preferences
from reelhook.notify.settings_endpoints import router as settings_router
from reelhook.notify.teller import Teller
from reelhook.notify.workspace import WorkspaceSettings
from reelhook.settings import Settings


def channels(config: Settings, clock: Clock, sealer: Sealer) -> tuple[Channel, ...]:
    """The ways to people outside of the open dashboard."""
    server = SmtpServer.parse(config.smtp_url.get_secret_value()) if config.smtp_url else None
    sender, tokens = Sender.parse(config.mail_from), IdTokens(sealer, PURPOSE)
    return (EmailChannel(clock, sender, tokens, config.public_url, server),)


@dataclass(frozen=True)
class Telling:
    """What the service needs of this room."""

    teller: Teller
    chats: Chats
    _mine: Mine
    _preferences: Preferences
    _settings: WorkspaceSettings
    _send: SendHandler
    _digest: DigestHandler
    _db: Database
    _sealer: Sealer

    @classmethod
    def build(
        cls,
        config: Settings,
        db: Database,
        clock: Clock,
        ids: Ids,
        queue: Queue,
        audit: Audit,
        sealer: Sealer,
        limits: Limits,
        teller: Teller,
        ways: Sequence[Channel],
    ) -> Self:
        ledger = Ledger(db, clock, notification_deliveries)
        return cls(
            teller,
            Chats.build(config, db, clock, ids, queue, audit, sealer),
            Mine(db, clock, queue, ledger, ways),
            Preferences(db, clock, ids, teller, ways, limits),
            WorkspaceSettings(db, audit),
            SendHandler(db, ledger, {channel.name: channel for channel in ways}),
            DigestHandler(teller),
            db,
            sealer,
        )

    def handlers(self) -> Mapping[type[Work], Handler[Any]]:
        """How each of its jobs is done."""
        return {
            SendNotification: Handler(self._send, POLICIES[SendNotification], self._send.on_dead),
            SendDigest: Handler(self._digest, POLICIES[SendDigest]),
            **self.chats.handlers(),
        }

    def routers(self) -> tuple[APIRouter, ...]:
        return router(self._mine, self._preferences), settings_router(self._settings), self.chats.router()

    def unsubscribe(self, page: ASGIApp) -> Unsubscribe:
        """What serves the link in letters; *page* shows its button."""
        return Unsubscribe(self._db, IdTokens(self._sealer, PURPOSE), page)

    def close(self) -> None:
        self.chats.close()


def teller(clock: Clock, ids: Ids, queue: Queue, outbox: Outbox, ways: Sequence[Channel]) -> Teller:
    """What listens to videos and incidents."""
    return Teller(clock, ids, queue, outbox, Announcing(clock, ids, queue), ways)
