"""Which links may be followed, judged by how they are written, before any name is looked up.

The guard of addresses (guard.py) sees where a connection really goes, and would be enough to keep us out of private
networks. This is the fence before it: it says what is wrong with a link, keeps to the hosts that the operator named,
and takes nothing that two programs may read in two ways.
"""

import ipaddress
import re
from collections.abc import AsyncGenerator, Collection
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from yarl import URL

from reelhook.kit.guard import AddressGuard, AddressRefused

ABSOLUTE = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
LINK = re.compile(r"https?://([^/?#]*).*", re.IGNORECASE)
# Nothing of what makes programs disagree about the host: no user, no %, no backslash, no space, no zone, ASCII alone.
PLAIN = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(:[0-9]{1,5})?", re.IGNORECASE)
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
# By the URL standard (WHATWG, "ends in a number") such a host is an IPv4 address, however it is spelt: 0x7f.1, 127.1.
NUMBER = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)\.?", re.IGNORECASE)
REDIRECTS = frozenset({301, 302, 303, 307, 308})

FETCH_HOSTS = "REELHOOK_FETCH_HOSTS"


class TargetRefused(ValueError):
    """A link that we do not follow. *reason* says why, and repeats no more of it than its host."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class RedirectedTooOften(Exception):
    """The link leads from address to address."""


class Targets:
    """Links by https to the *hosts* and all below them (none: every public host), at the usual ports.

    Those of *allowed* (numeric `address:port`), written so in the link, are the operator's own: all else is no matter.
    """

    def __init__(self, allowed: Collection[str] = (), hosts: Collection[str] = ()) -> None:
        self._allowed, self._hosts = frozenset(allowed), tuple(hosts)
        self._guard = AddressGuard(allowed)

    def check(self, link: str, came_from: URL | None = None) -> URL:
        """*link*, taken apart. *came_from*: what redirected there. Raises *TargetRefused*."""
        url, host = _read(link)
        if came_from is not None and came_from.scheme == "https" and url.scheme == "http":
            raise TargetRefused("it is redirected from https to http")
        port = url.port or 0
        shown = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        if shown in self._allowed:
            return url
        self._check_address(host, port)
        if url.scheme == "http":
            raise TargetRefused(f"{host} is asked for by http, not https")
        if self._hosts and not any(_below(host, suffix) for suffix in self._hosts):
            raise TargetRefused(f"{host} is not among the hosts of {FETCH_HOSTS} ({', '.join(self._hosts)})")
        return url

    def redirected(self, came_from: URL, location: str) -> URL:
        """Where a redirect leads. Raises *TargetRefused*."""
        if CONTROL.search(location) or ABSOLUTE.match(location):
            return self.check(location, came_from)
        try:
            there = str(came_from.join(URL(location)))
        except ValueError:
            raise TargetRefused("it is redirected to what is no address") from None
        return self.check(there, came_from)

    def _check_address(self, host: str, port: int) -> None:
        """A name is judged when it was looked up, by the guard."""
        try:
            self._guard.check(str(ipaddress.ip_address(host)), port)
        except AddressRefused as refused:
            raise TargetRefused(refused.reason) from None
        except ValueError:
            return


@asynccontextmanager
async def followed(
    session: aiohttp.ClientSession, targets: Targets, link: str, most: int, **options: Any
) -> AsyncGenerator[aiohttp.ClientResponse]:
    """GET *link*, and what it is redirected to, at most *most* times; each of them is checked before it is asked.

    Raises *TargetRefused*, *RedirectedTooOften*, and what the session raises.
    """
    url = targets.check(link)
    for _ in range(most + 1):
        async with session.get(url, allow_redirects=False, **options) as response:
            location = response.headers.get("Location") if response.status in REDIRECTS else None
            if location is None:
                yield response
                return
        url = targets.redirected(url, location)
    raise RedirectedTooOften


def _read(link: str) -> tuple[URL, str]:
    """The link and its host, if all programs read it in the same way."""
    if CONTROL.search(link):
        raise TargetRefused("the link, or a redirect behind it, holds characters that no address has")
    parts = LINK.fullmatch(link)
    if parts is None or not parts[1]:
        raise TargetRefused("the link, or a redirect behind it, is no http address")
    if "@" in parts[1]:
        raise TargetRefused("the link, or a redirect behind it, names a user")
    try:
        url = URL(link)
        host = url.raw_host or ""
    except ValueError:
        raise TargetRefused("the link, or a redirect behind it, is no http address") from None
    if not PLAIN.fullmatch(parts[1]) or (NUMBER.fullmatch(host) and not _is_ipv4(host)):
        raise TargetRefused("the host of the link, or of a redirect behind it, is not written plainly")
    return url, host


def _is_ipv4(host: str) -> bool:
    try:
        return str(ipaddress.IPv4Address(host)) == host
    except ValueError:
        return False


def _below(host: str, suffix: str) -> bool:
    name = host.rstrip(".")
    return name == suffix or name.endswith(f".{suffix}")
