"""All of this room, built and wired: what the app, the commands and the tests start from."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import aiohttp
from starlette.types import ASGIApp

from reelhook.auth.account import Account
from reelhook.auth.audit import Audit
from reelhook.auth.callback_tokens import CallbackTokens
from reelhook.auth.changes import Changes
from reelhook.auth.credentials import Credentials
from reelhook.auth.gate import Gate
from reelhook.auth.invitations import Invitations, Post
from reelhook.auth.issuers import Issuers
from reelhook.auth.keys import ApiKeys
from reelhook.auth.later import Later
from reelhook.auth.links import SignInLinks
from reelhook.auth.media_links import MediaLinks
from reelhook.auth.oidc.flow import Oidc
from reelhook.auth.oidc.identities import Identities
from reelhook.auth.oidc.tickets import Tickets
from reelhook.auth.passwords import Passwords
from reelhook.auth.people import People
from reelhook.auth.ratelimit import ApiLimit, SignInLimits
from reelhook.auth.recognised import Recognised
from reelhook.auth.resets import Resets
from reelhook.auth.sessions import Sessions
from reelhook.auth.shield import Shield
from reelhook.auth.sign_in import SignIn
from reelhook.auth.signed_in import SignedInPlaces
from reelhook.auth.site import Site
from reelhook.auth.standing import Standing
from reelhook.auth.tokens import StreamTokens
from reelhook.db import Database
from reelhook.kit.bus import Bus
from reelhook.kit.clock import Clock
from reelhook.kit.ids import Ids
from reelhook.kit.sealing import Sealer
from reelhook.limits import Limits
from reelhook.settings import Settings


@dataclass(frozen=True)
class Access:
    """The services of this room, each with its own file."""

    audit: Audit
    sessions: Sessions
    keys: ApiKeys
    links: SignInLinks
    people: People
    invitations: Invitations
    resets: Resets
    sign_in: SignIn
    account: Account
    signed_in: SignedInPlaces
    stream_tokens: StreamTokens
    media_links: MediaLinks
    callback_tokens: CallbackTokens
    standing: Standing
    site: Site
    later: Later
    passwords: Passwords
    recognised: Recognised
    api_limit: ApiLimit
    oidc: Oidc | None
    cors_origins: Sequence[str]

    @classmethod
    def build(
        cls,
        settings: Settings,
        db: Database,
        bus: Bus,
        clock: Clock,
        ids: Ids,
        sealer: Sealer,
        passwords: Passwords | None = None,
        limits: Limits | None = None,
        post: Post | None = None,
        http: aiohttp.ClientSession | None = None,
    ) -> Self:
        """*limits*: what is counted with other processes; without them this one is alone. *post*: mails links.

        *http*: how the provider of OpenID Connect is asked; without it there is none.
        """
        passwords, later, changes = passwords or Passwords(), Later(db), Changes(db, bus)
        recognised, limits = Recognised(bus, clock), limits or Limits(clock)
        tries = SignInLimits(limits)
        audit, links = Audit(db, clock), SignInLinks(db, clock, ids)
        issuers = Issuers(db, clock, recognised.issuers)
        sessions = Sessions(db, clock, ids, later, changes, recognised.sessions)
        people = People(db, clock, ids, passwords, sessions, links, audit, changes)
        sign_in = SignIn(db, passwords, tries, sessions, links, people, audit)
        site = Site(settings.public_url, settings.trusted_proxies, settings.metrics_allow)
        oidc = None
        if http is not None:
            identities = Identities(db, clock, people, sign_in, audit, settings.oidc_role)
            oidc = Oidc.build(settings, http, Tickets(sealer, clock, ids, site), identities, tries, clock)
        return cls(
            audit=audit,
            sessions=sessions,
            keys=ApiKeys(db, clock, ids, audit, later, changes, recognised.keys),
            links=links,
            people=people,
            invitations=Invitations(db, people, links, audit, post),
            resets=Resets(db, ids, passwords, tries, people, links, audit, post),
            sign_in=sign_in,
            account=Account(db, passwords, tries, sessions, links, audit),
            signed_in=SignedInPlaces(db, clock, sessions, audit),
            stream_tokens=StreamTokens(clock, sealer, issuers),
            media_links=MediaLinks(clock, sealer, issuers),
            callback_tokens=CallbackTokens(sealer),
            standing=Standing(db, clock),
            site=site,
            later=later,
            passwords=passwords,
            recognised=recognised,
            api_limit=ApiLimit(limits, settings.api_rate),
            oidc=oidc,
            cors_origins=settings.cors_origins,
        )

    def gate(self, app: ASGIApp) -> Gate:
        """*app* behind the gate."""
        credentials = Credentials(self.sessions, self.keys, self.stream_tokens, self.media_links, self.site)
        return Gate(app, credentials, self.site, self.api_limit)

    def shield(self, app: ASGIApp) -> Shield:
        """*app*, and with each of its answers what browsers have to know. It goes around the gate."""
        return Shield(app, self.site, self.cors_origins)

    async def close(self) -> None:
        """Finish what waits to be written. Before the database is closed."""
        if self.oidc is not None:
            await self.oidc.close()
        await self.recognised.close()
        await self.later.drain()
        self.passwords.close()
