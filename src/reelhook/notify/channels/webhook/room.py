"""The room wired: who sends, who changes, and which jobs there are."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import aiohttp
from fastapi import APIRouter

from reelhook.auth import Audit
from reelhook.auth.site import Site
from reelhook.db import Database
from reelhook.jobs import POLICIES, Destinations, Handler, Queue
from reelhook.jobs.kinds import DeliverWebhook, SendDeliveries, Work
from reelhook.kit.clock import Clock
from reelhook.kit.http import guarded_session
from reelhook.kit.ids import Ids
from reelhook.kit.sealing import Sealer
from reelhook.notify.channels.webhook.endpoints import router
from reelhook.notify.channels.webhook.handler import DeliverHandler, SendHandler
from reelhook.notify.channels.webhook.outbox import Outbox
from reelhook.notify.channels.webhook.records import Records
from reelhook.notify.channels.webhook.secrets import Secrets
from reelhook.notify.channels.webhook.sender import LIMIT_S, Sender
from reelhook.notify.channels.webhook.subscriptions import Subscriptions
from reelhook.notify.channels.webhook.turns import Turns
from reelhook.settings import Settings

USER_AGENT = "Reelhook-Webhooks"
JOB_LIMIT_S = 4 * LIMIT_S  # an attempt ends itself; this is a net


@dataclass(frozen=True)
class Webhooks:
    """What the service needs of this room."""

    outbox: Outbox
    subscriptions: Subscriptions
    deliver: DeliverHandler
    send: SendHandler
    _db: Database
    _site: Site
    _session: aiohttp.ClientSession

    @classmethod
    def build(
        cls,
        config: Settings,
        db: Database,
        clock: Clock,
        ids: Ids,
        queue: Queue,
        outbox: Outbox,
        audit: Audit,
        site: Site,
        sealer: Sealer,
        destinations: Destinations,
    ) -> Self:
        session = guarded_session(config.fetch_allow, user_agent=USER_AGENT)
        sender, secrets, turns = Sender(session, clock), Secrets(sealer, clock, ids), Turns(clock)
        records = Records(clock, queue, audit)
        subscriptions = Subscriptions(
            db, clock, ids, queue, audit, outbox, secrets, sender, destinations, turns, config.fetch_allow
        )
        deliver = DeliverHandler(db, clock, secrets, sender, records, destinations, turns)
        return cls(outbox, subscriptions, deliver, SendHandler(queue), db, site, session)

    def handlers(self) -> Mapping[type[Work], Handler[Any]]:
        """How each of its jobs is done."""
        return {
            DeliverWebhook: Handler(self.deliver, POLICIES[DeliverWebhook], self.deliver.on_dead, JOB_LIMIT_S),
            SendDeliveries: Handler(self.send, POLICIES[SendDeliveries]),
        }

    def router(self) -> APIRouter:
        return router(self._db, self.subscriptions, self._site)

    async def close(self) -> None:
        await self._session.close()
