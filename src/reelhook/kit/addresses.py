"""Who is on the other side of a connection, seen through the proxies we trust and no others."""

import ipaddress
from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

from starlette.datastructures import Headers
from starlette.types import Scope

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
WIDTH = {4: 24, 6: 48}
LONGEST = 100  # an address with its zone has no 70 letters, and what is remembered must stay small


def networks(texts: Sequence[str]) -> tuple[Network, ...]:
    return tuple(ipaddress.ip_network(text, strict=False) for text in texts)


def parsed(text: str) -> Address | None:
    """The numeric address in *text*, or None. A zone is dropped, and IPv4 in IPv6 clothes is IPv4."""
    return _parsed(text) if len(text) <= LONGEST else None


@lru_cache(4096)  # the same few senders and proxies, with every request
def _parsed(text: str) -> Address | None:
    try:
        one = ipaddress.ip_address(text.split("%", 1)[0])
    except ValueError:
        return None
    return getattr(one, "ipv4_mapped", None) or one


def contains(nets: Sequence[Network], address: str) -> bool:
    """Whether the numeric *address* lies in one of *nets*; an IPv4 address in IPv6 clothes counts as IPv4."""
    one = parsed(address)
    return one is not None and any(one.version == net.version and one in net for net in nets)


def remote(scope: Scope, trusted: Sequence[Network]) -> str:
    """The address of the client: the rightmost hop of X-Forwarded-For that is not a proxy of ours.

    When that hop is no address, the peer is the answer: nobody knows who was behind it. `Forwarded` (RFC 7239) is not
    read, for a proxy that only knows the one hands on what a client wrote into the other.
    """
    peer = (scope.get("client") or ("", 0))[0]
    if not trusted or not contains(trusted, peer):
        return str(peer)
    hops = [hop for line in Headers(scope=scope).getlist("x-forwarded-for") for hop in line.split(",")]
    for hop in reversed(hops):
        one = _hop(hop.strip())
        if one is None:
            return str(peer)
        if not contains(trusted, str(one)):
            return str(one)
    return str(peer)


def neighbourhood(address: str) -> str:
    """The address, of IPv6 its /64: that is what one customer gets, with 2**64 addresses to try from."""
    one = parsed(address)
    if one is None:
        return address
    return str(one) if one.version == 4 else str(ipaddress.ip_network((int(one), 64), strict=False))


def network(address: str) -> str | None:
    """The network around *address*, the /24 of IPv4 or the /48 of IPv6; None for what is no address.

    As wide as one sender's machines usually stand apart, and no wider than what is usually given to one customer.
    """
    one = parsed(address)
    if one is None:
        return None
    return str(ipaddress.ip_network((one, WIDTH[one.version]), strict=False))


def _hop(text: str) -> Address | None:
    """One hop of X-Forwarded-For: some proxies write the port beside it, and IPv6 in brackets."""
    if text.startswith("["):
        return parsed(text[1:].partition("]")[0])
    host, _, port = text.partition(":")
    return parsed(host if port.isdigit() and host.count(".") == 3 else text)
