"""The way to the provider and back (OpenID Connect Core, 3.1; PKCE, RFC 7636)."""

import asyncio
import base64
import hashlib
import hmac
from collections.abc import Awaitable, Mapping
from typing import Self, TypeVar
from urllib.parse import urlencode

import aiohttp

from reelhook.auth.oidc.claims import Claims, Expected, verified
from reelhook.auth.oidc.errors import OidcDenied, OidcExpired, OidcRefused, OidcUnavailable
from reelhook.auth.oidc.identities import Identities
from reelhook.auth.oidc.provider import Provider
from reelhook.auth.oidc.tickets import Ticket, Tickets
from reelhook.auth.ratelimit import SignInLimits
from reelhook.auth.sign_in import Browser, SignedIn
from reelhook.kit.clock import Clock
from reelhook.settings import Settings

SCOPE = "openid email"
LIMIT_S = 25.0  # for all that the provider is asked in one sign-in
MOST_CODE = 4096
T = TypeVar("T")


class Oidc:
    """Sign-in by one provider, which people see as *name*."""

    def __init__(
        self,
        name: str,
        provider: Provider,
        tickets: Tickets,
        identities: Identities,
        limits: SignInLimits,
        clock: Clock,
    ) -> None:
        self.name, self.tickets, self.identities = name, tickets, identities
        self._provider, self._limits, self._clock = provider, limits, clock

    @classmethod
    def build(
        cls,
        settings: Settings,
        http: aiohttp.ClientSession,
        tickets: Tickets,
        identities: Identities,
        limits: SignInLimits,
        clock: Clock,
    ) -> Self | None:
        """None when no provider is set."""
        provider = Provider.named_in(settings, http, clock)
        if provider is None:
            return None
        return cls(settings.oidc_name, provider, tickets, identities, limits, clock)

    async def address(self, ticket: Ticket) -> str:
        """Where to send the browser that carries *ticket*. Raises *OidcUnavailable*."""
        about, client = await _within(self._provider.metadata()), self._provider.client
        asked = {
            "response_type": "code",
            "client_id": client.id,
            "redirect_uri": client.redirect_uri,
            "scope": SCOPE,
            "state": ticket.state,
            "nonce": ticket.nonce,
            "code_challenge": challenge(ticket.verifier),
            "code_challenge_method": "S256",
        }
        return f"{about.authorization}{'&' if '?' in about.authorization else '?'}{urlencode(asked)}"

    async def finish(self, ticket: Ticket | None, answer: Mapping[str, str], browser: Browser) -> SignedIn:
        """Sign in by what the provider had the browser bring back.

        Raises *TooManyRequests*, *LimitsUnavailable* before any work, then whatever of errors.py is the case.
        """
        await self._limits.require_room(browser.remote)
        if ticket is None or not ticket.answers(answer.get("state", "")):
            raise OidcExpired("this browser did not begin this sign-in, or too long ago")
        claims = await _within(self._claims(ticket, answer))
        return await self.identities.enter(claims, browser)

    async def close(self) -> None:
        await self._provider.close()

    async def _claims(self, ticket: Ticket, answer: Mapping[str, str]) -> Claims:
        about = await self._provider.metadata()
        said = answer.get("iss")
        if (said is None and about.names_itself) or (said is not None and not _same(said, about.issuer)):
            raise OidcRefused("the answer is from another provider")
        if "error" in answer:
            raise OidcDenied(f"the provider answers {answer['error'][:60]!r}")
        code = answer.get("code", "")
        if not 0 < len(code) <= MOST_CODE:
            raise OidcRefused("the provider sent no code")
        tokens = await self._provider.exchange(code, ticket.verifier)
        expected = Expected(about.issuer, self._provider.client.id, ticket.nonce, self._clock.now())
        claims = await verified(tokens.id_token, self._provider.keys, expected)
        if claims.email is None and not await self.identities.is_known(claims):
            # Many providers tell the address only there (OpenID Connect Core, 5.4).
            told = await self._provider.userinfo(tokens)
            claims = claims if told is None else claims.told_more(told)
        return claims


async def _within(work: Awaitable[T]) -> T:
    try:
        async with asyncio.timeout(LIMIT_S):
            return await work
    except TimeoutError:
        raise OidcUnavailable(f"the provider took more than {LIMIT_S:g} s") from None


def challenge(verifier: str) -> str:
    """What the provider may see of *verifier* before it gets it with the code."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
