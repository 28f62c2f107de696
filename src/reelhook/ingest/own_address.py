"""The address at which HeyGen reaches us, and whether it can."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import aiohttp

from reelhook.errors import Unavailable, WrongInput
from reelhook.kit.http import TRANSPORT_ERRORS, refusal

PATH = "/webhooks/heygen"
OPTIONS_LIMIT_S = 1.0  # HeyGen's own patience when an endpoint is registered
MOST_URL = 2000


class OwnAddress:
    """The front door as the world sees it: PUBLIC_URL and its path."""

    def __init__(self, public_url: str | None, guarded: aiohttp.ClientSession) -> None:
        self._public_url, self._guarded = public_url, guarded

    @property
    def front_door(self) -> str:
        """The URL that HeyGen is to call. Raises *WrongInput* when nobody said what it is."""
        if self._public_url is None:
            raise WrongInput("say where HeyGen can reach this service: set REELHOOK_PUBLIC_URL, or pass a url")
        return self._public_url + PATH

    def leads_here(self, url: str) -> bool:
        """Whether *url* is our front door, as far as PUBLIC_URL tells; without that, any may be."""
        return self._public_url is None or same_url(url, self.front_door)

    @asynccontextmanager
    async def client(self, url: str) -> AsyncIterator[aiohttp.ClientSession]:
        """A client for *url*. Our own address may well be private, and the operator named it; any other is guarded."""
        if self._public_url is None or not url.startswith(self._public_url + "/"):
            yield self._guarded
            return
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
            yield session


async def probe(session: aiohttp.ClientSession, url: str) -> None:
    """Ask as HeyGen does before it registers *url*. Raises *Unavailable* with what is wrong."""
    timeout = aiohttp.ClientTimeout(total=OPTIONS_LIMIT_S)
    try:
        async with session.options(url, timeout=timeout, allow_redirects=False) as response:
            status = response.status
    except TRANSPORT_ERRORS as error:
        raise Unavailable(f"OPTIONS {url} failed: {why(error)}; HeyGen would refuse to register it") from None
    if status != 200:
        raise Unavailable(f"OPTIONS {url} was answered {status}, not 200: does the proxy pass OPTIONS on?")


def why(error: BaseException) -> str:
    """What kept a request from being answered, in words."""
    refused = refusal(error)
    return refused.reason if refused else str(error) or "no answer in time"


def checked_url(url: str) -> str:
    """*url*, if HeyGen could be told of it at all. Raises *WrongInput*."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise WrongInput("url is no address") from None
    plain = url.isascii() and url.isprintable() and " " not in url and not (parts.fragment or parts.username)
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0 or not plain or len(url) > MOST_URL:
        raise WrongInput(f"url must look like https://reelhook.example.com{PATH}")
    return url


def same_url(one: str, other: str) -> bool:
    """Whether both lead to the same place: hosts are compared without case, and a last slash makes another place."""
    return canonical(one) == canonical(other)


def canonical(url: str) -> str:
    """The one spelling of *url*."""
    parts = urlsplit(url)
    return parts._replace(scheme=parts.scheme.lower(), netloc=parts.netloc.lower()).geturl()
