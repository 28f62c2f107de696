"""Who is on the other side of a connection, seen through the proxies we trust and no others."""

import ipaddress
from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network

from starlette.datastructures import Headers
from starlette.types import Scope

Network = IPv4Network | IPv6Network


def networks(texts: Sequence[str]) -> tuple[Network, ...]:
    return tuple(ipaddress.ip_network(text, strict=False) for text in texts)


def contains(nets: Sequence[Network], address: str) -> bool:
    """Whether the numeric *address* lies in one of *nets*; an IPv4 address in IPv6 clothes counts as IPv4."""
    try:
        one = ipaddress.ip_address(address.split("%", 1)[0])
    except ValueError:
        return False
    plain = getattr(one, "ipv4_mapped", None) or one
    return any(plain.version == net.version and plain in net for net in nets)


def remote(scope: Scope, trusted: Sequence[Network]) -> str:
    """The address of the client: the rightmost hop of X-Forwarded-For that is not a proxy of ours."""
    peer = (scope.get("client") or ("", 0))[0]
    if not trusted or not contains(trusted, peer):
        return str(peer)
    hops = [hop.strip() for line in Headers(scope=scope).getlist("x-forwarded-for") for hop in line.split(",")]
    for hop in reversed(hops):
        address = hop.strip("[]")
        if not contains(trusted, address):
            return address if _is_address(address) else str(peer)
    return str(peer)


def neighbourhood(address: str) -> str:
    """The address, of IPv6 its /64: that is what one customer gets, with 2**64 addresses to try from."""
    try:
        one = ipaddress.ip_address(address.split("%", 1)[0])
    except ValueError:
        return address
    if isinstance(one, ipaddress.IPv4Address) or one.ipv4_mapped:
        return str(one)
    return str(ipaddress.ip_network((int(one), 64), strict=False))


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
