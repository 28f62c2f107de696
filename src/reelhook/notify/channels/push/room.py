"""The room wired: who sends, and what people do about their browsers."""

from dataclasses import dataclass
from email.utils import parseaddr
from typing import Self

import aiohttp
from fastapi import APIRouter

from reelhook.auth import Audit
from reelhook.auth.site import Site
from reelhook.db import Database
from reelhook.kit.clock import Clock
from reelhook.kit.http import guarded_session
from reelhook.kit.ids import Ids
from reelhook.kit.sealing import Sealer
from reelhook.kit.targets import Targets
from reelhook.notify.channels.push.browsers import Browsers
from reelhook.notify.channels.push.channel import PushChannel
from reelhook.notify.channels.push.endpoints import router
from reelhook.notify.channels.push.keys import PushKey
from reelhook.notify.channels.push.sender import PushSender
from reelhook.settings import Settings

USER_AGENT = "Reelhook-Push"


@dataclass(frozen=True)
class Push:
    """What the service needs of this room."""

    channel: PushChannel
    key: PushKey
    _db: Database
    _clock: Clock
    _ids: Ids
    _targets: Targets
    _session: aiohttp.ClientSession

    @classmethod
    def build(cls, config: Settings, db: Database, clock: Clock, ids: Ids, sealer: Sealer) -> Self:
        session = guarded_session(config.fetch_allow, user_agent=USER_AGENT)
        # The hosts of FETCH_HOSTS are those of videos; browsers come with push services of their own.
        targets = Targets(config.fetch_allow)
        key = PushKey(db, sealer, clock)
        channel = PushChannel(db, clock, key, PushSender(session, targets, clock, _contact(config)))
        return cls(channel, key, db, clock, ids, targets, session)

    def browsers(self, audit: Audit) -> Browsers:
        """What people do about theirs."""
        return Browsers(self._db, self._clock, self._ids, audit, self._targets)

    def router(self, audit: Audit, site: Site) -> APIRouter:
        return router(self.browsers(audit), self.key, site)

    async def close(self) -> None:
        await self._session.close()


def _contact(config: Settings) -> str:
    """Where push services may complain; some of them take no address by http."""
    if config.public_url is not None and config.public_url.startswith("https://"):
        return config.public_url
    return f"mailto:{parseaddr(config.mail_from)[1]}"
