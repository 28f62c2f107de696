"""The provider: how it describes itself (OpenID Connect Discovery), and the two requests that a sign-in needs."""

import base64
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import quote_plus, urlsplit

import aiohttp

from reelhook import metrics
from reelhook.auth.oidc.errors import OidcRefused, OidcUnavailable
from reelhook.auth.oidc.fetch import document
from reelhook.auth.oidc.keys import ProviderKeys
from reelhook.kit.cache import Cache, Result
from reelhook.kit.clock import Clock
from reelhook.settings import Settings

CALLBACK = "/api/v1/session/oidc/callback"
LIFETIME_S = 3600.0


@dataclass(frozen=True)
class Metadata:
    """What we use of the provider's description of itself."""

    issuer: str
    authorization: str
    token: str
    keys: str
    userinfo: str | None
    by_post: bool
    """Whether the client's secret goes into the body, because the provider does not take it in the header."""
    names_itself: bool
    """Whether it says in its answer who it is (RFC 9207)."""


@dataclass(frozen=True)
class Client:
    """Who we are at the provider; *secret* None: a public client, which has only PKCE."""

    id: str
    secret: str | None
    redirect_uri: str


@dataclass(frozen=True)
class Tokens:
    """What the provider gave for a code."""

    id_token: str
    access_token: str | None


class Provider:
    """One provider. What it publishes is kept for an hour."""

    def __init__(self, http: aiohttp.ClientSession, clock: Clock, issuer: str, client: Client) -> None:
        self._http, self._issuer, self.client = http, issuer, client
        self._metadata = Cache[str, Metadata](clock, LIFETIME_S, 1, _count)
        self.keys = ProviderKeys(clock, self._fetch_keys)

    @classmethod
    def named_in(cls, settings: Settings, http: aiohttp.ClientSession, clock: Clock) -> Self | None:
        """None when no provider is set."""
        issuer, client_id, secret = settings.oidc_issuer, settings.oidc_client_id, settings.oidc_client_secret
        if issuer is None or client_id is None:
            return None
        client = Client(client_id, secret.get_secret_value() if secret else None, f"{settings.public_url}{CALLBACK}")
        return cls(http, clock, issuer, client)

    async def metadata(self) -> Metadata:
        """Raises *OidcUnavailable* when it cannot be had, or is not that of the provider that was named."""
        return await self._metadata.get(self._issuer, self._discover)

    async def exchange(self, code: str, verifier: str) -> Tokens:
        """Tokens for a *code*. Raises *OidcRefused* when the provider does not take it, *OidcUnavailable*."""
        about = await self.metadata()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.client.redirect_uri,
            "code_verifier": verifier,
        }
        headers = {"accept": "application/json"}
        if self.client.secret is None:
            form["client_id"] = self.client.id
        elif about.by_post:
            form |= {"client_id": self.client.id, "client_secret": self.client.secret}
        else:
            headers["authorization"] = _basic(self.client.id, self.client.secret)
        said = await document(self._http, "POST", about.token, data=form, headers=headers)
        id_token, access_token = said.get("id_token"), said.get("access_token")
        if not isinstance(id_token, str):
            raise OidcRefused("the provider gave no ID token")
        return Tokens(id_token, access_token if isinstance(access_token, str) else None)

    async def userinfo(self, tokens: Tokens) -> dict[str, Any] | None:
        """What the provider tells about the person beside the ID token; None when it has no place for that."""
        about = await self.metadata()
        # It goes into a header line, which other characters would break.
        if about.userinfo is None or tokens.access_token is None or not tokens.access_token.isprintable():
            return None
        headers = {"accept": "application/json", "authorization": f"Bearer {tokens.access_token}"}
        return await document(self._http, "GET", about.userinfo, headers=headers)

    async def check(self) -> str:
        """What is right, in words. Raises *OidcUnavailable*; whether our secret is right, only a sign-in can tell."""
        about, keys = await self.metadata(), await self.keys.count()
        return f"{about.issuer} has keys for signing ({keys}); its redirect address for us: {self.client.redirect_uri}"

    async def close(self) -> None:
        """End a request that nobody waits for."""
        await self._metadata.close()

    async def _discover(self) -> Metadata:
        said = await document(self._http, "GET", f"{self._issuer}/.well-known/openid-configuration")
        issuer = said.get("issuer")
        # Settings are kept without a slash at the end; some providers have one.
        if issuer not in (self._issuer, f"{self._issuer}/"):
            raise OidcUnavailable(f"{self._issuer} describes another issuer than itself")
        methods = said.get("token_endpoint_auth_methods_supported")
        basic = not isinstance(methods, list) or "client_secret_basic" in methods
        return Metadata(
            issuer=str(issuer),
            authorization=self._endpoint(said, "authorization_endpoint"),
            token=self._endpoint(said, "token_endpoint"),
            keys=self._endpoint(said, "jwks_uri"),
            userinfo=self._endpoint(said, "userinfo_endpoint") if said.get("userinfo_endpoint") else None,
            by_post=not basic,
            names_itself=said.get("authorization_response_iss_parameter_supported") is True,
        )

    def _endpoint(self, said: dict[str, Any], name: str) -> str:
        """An address of the provider's: with https, unless the issuer itself does without, as a test or a demo does."""
        url = said.get(name)
        schemes = {"https", urlsplit(self._issuer).scheme}
        if not isinstance(url, str) or not url.isascii() or not url.isprintable() or _scheme(url) not in schemes:
            raise OidcUnavailable(f"{self._issuer} names no {name} that can be used")
        return url

    async def _fetch_keys(self) -> dict[str, Any]:
        return await document(self._http, "GET", (await self.metadata()).keys)


def _scheme(url: str) -> str | None:
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return parts.scheme if parts.hostname else None


def _basic(name: str, secret: str) -> str:
    """RFC 6749, 2.3.1: both are form-encoded first."""
    pair = f"{quote_plus(name)}:{quote_plus(secret)}"
    return f"Basic {base64.b64encode(pair.encode()).decode()}"


def _count(result: Result) -> None:
    metrics.CACHE.labels("oidc", result).inc()
