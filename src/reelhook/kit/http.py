"""The HTTP client for everything the service fetches."""

import asyncio
from collections.abc import Collection, Iterator

import aiohttp

from reelhook.kit.guard import AddressGuard, AddressRefused


def guarded_session(allowed: Collection[str] = (), *, user_agent: str = "Reelhook") -> aiohttp.ClientSession:
    """A client whose every connection passes the address guard. It keeps no cookies and ignores proxy variables.

    Bodies are not decompressed: lengths and digests are those of the bytes on the wire.
    """
    connector = aiohttp.TCPConnector(socket_factory=AddressGuard(allowed), limit=100, ttl_dns_cache=10)
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        trust_env=False,
        headers={"User-Agent": user_agent, "Accept-Encoding": "identity"},
        timeout=aiohttp.ClientTimeout(total=60, connect=10, sock_read=30),
    )


def refusal(error: BaseException) -> AddressRefused | None:
    """The guard's own refusal behind a failed request, if that is what it was."""
    return next((cause for cause in _causes(error) if isinstance(cause, AddressRefused)), None)


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: list[BaseException | None] = [error]
    while seen:
        cause = seen.pop()
        if cause is None:
            continue
        yield cause
        seen += [getattr(cause, "os_error", None), cause.__cause__]
        if isinstance(cause, BaseExceptionGroup):
            seen += cause.exceptions


# Everything a request can raise that means "the other side was not reached or did not finish".
TRANSPORT_ERRORS = (aiohttp.ClientError, asyncio.TimeoutError, OSError)
