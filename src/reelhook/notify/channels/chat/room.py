"""The room wired."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from fastapi import APIRouter

from reelhook.auth import Audit
from reelhook.db import Database
from reelhook.db.tables import chat_messages
from reelhook.jobs import POLICIES, Handler, Queue
from reelhook.jobs.kinds import SendChat, Work
from reelhook.kit.clock import Clock
from reelhook.kit.ids import Ids
from reelhook.kit.sealing import Sealer
from reelhook.notify.channels.chat.destinations import ChatDestinations
from reelhook.notify.channels.chat.endpoints import router
from reelhook.notify.channels.chat.handler import ChatHandler
from reelhook.notify.channels.chat.sender import ChatSender
from reelhook.notify.ledger import Ledger
from reelhook.settings import Settings


@dataclass(frozen=True)
class Chats:
    """What the service needs of this room."""

    destinations: ChatDestinations
    handler: ChatHandler
    sender: ChatSender
    _public_url: str | None

    @classmethod
    def build(
        cls, config: Settings, db: Database, clock: Clock, ids: Ids, queue: Queue, audit: Audit, sealer: Sealer
    ) -> Self:
        sender, ledger = ChatSender(config.fetch_allow), Ledger(db, clock, chat_messages)
        destinations = ChatDestinations(db, clock, ids, queue, audit, sender, sealer, ledger)
        handler = ChatHandler(db, clock, ledger, sender, sealer, config.public_url)
        return cls(destinations, handler, sender, config.public_url)

    def handlers(self) -> Mapping[type[Work], Handler[Any]]:
        return {SendChat: Handler(self.handler, POLICIES[SendChat], self.handler.on_dead)}

    def router(self) -> APIRouter:
        return router(self.destinations, self._public_url)

    def close(self) -> None:
        self.sender.close()
