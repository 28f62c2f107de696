"""HeyGen's webhook endpoints and what we know of their secrets, built and wired."""

from dataclasses import dataclass
from typing import Self

import aiohttp

from reelhook.auth.audit import Audit
from reelhook.db import Database
from reelhook.heygen import Endpoint, HeyGen
from reelhook.ingest.asking import Asking
from reelhook.ingest.own_address import OwnAddress
from reelhook.ingest.registration import Registration
from reelhook.ingest.rotation import Rotation
from reelhook.ingest.secret_stories import Story, stories
from reelhook.ingest.secrets import SecretBook
from reelhook.ingest.self_test import SelfTest
from reelhook.ingest.under_way import Change
from reelhook.kit.clock import Clock
from reelhook.kit.ids import Ids


@dataclass(frozen=True, slots=True)
class Listed:
    """One of HeyGen's endpoints. *ours*: it leads to this service, as far as we can tell."""

    endpoint: Endpoint
    ours: bool
    secrets: tuple[Story, ...]


@dataclass(frozen=True, slots=True)
class WebhookEndpoints:
    """What can be done about endpoints and secrets."""

    registration: Registration
    rotation: Rotation
    _asking: Asking
    _book: SecretBook
    _own: OwnAddress
    _db: Database
    _clock: Clock

    @classmethod
    def build(
        cls,
        heygen: HeyGen | None,
        book: SecretBook,
        public_url: str | None,
        guarded: aiohttp.ClientSession,
        audit: Audit,
        db: Database,
        clock: Clock,
        ids: Ids,
    ) -> Self:
        asking, own = Asking(heygen, book, clock, ids), OwnAddress(public_url, guarded)
        registration = Registration(asking, book, own, SelfTest(db, own, clock, ids), audit, clock)
        return cls(registration, Rotation(asking, book, audit, clock), asking, book, own, db, clock)

    async def listed(self) -> list[Listed]:
        """Every endpoint of the account. Raises a *HeyGenError* or *DatabaseUnavailable*."""
        endpoints, known = await self._asking.heygen.list_endpoints(), await self.secrets()
        return [self._listed(one, known) for one in endpoints]

    async def secrets(self) -> list[Story]:
        """The newest secrets, newest first. Raises *DatabaseUnavailable*."""
        return await stories(self._db, self._book, self._clock)

    def unfinished(self) -> tuple[Change, ...]:
        """The changes at HeyGen of which the answer was lost, or may be on its way."""
        return self._book.under_way

    def _listed(self, endpoint: Endpoint, known: list[Story]) -> Listed:
        mine = tuple(one for one in known if one.endpoint_id == endpoint.id)
        return Listed(endpoint, bool(mine) or self._own.leads_here(endpoint.url), mine)
