"""Which addresses an outgoing connection may reach.

The guard sits where sockets are made: it sees the numeric address of every connection that is really opened, after DNS
and after each redirect, so there is no gap between check and connect.
"""

import ipaddress
import socket
from collections.abc import Collection, Iterator

from aiohttp import AddrInfoType

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
NAT64 = ipaddress.ip_network("64:ff9b::/96")
# is_global is true for these on some Python versions, yet none is a public host: they lead to embedded or old sites,
# to protocols' own addresses (192.0.0.0/24 has a cloud's metadata service), or to Azure's host behind every machine.
NEVER_PUBLIC = tuple(
    ipaddress.ip_network(net)
    for net in (
        "192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32",
        "::/96", "64:ff9b:1::/48", "2001::/23", "2002::/16", "3fff::/20", "fec0::/10",
    )
)  # fmt: skip


# What the web is served at. Elsewhere on a public host is what a stranger's link could probe or speak to by our hand.
WEB_PORTS = frozenset({80, 443})


class AddressRefused(OSError):
    """The address is not public, or its port is not the web's, and the operator has not allowed it by name.

    *address* says which.

    All refusals have one text: of several attempts that failed for one host, aiohttp passes the error itself on only
    when all texts are the same, and melts them into a nameless OSError otherwise.
    """

    def __init__(self, address: str) -> None:
        super().__init__("not a public address at port 80 or 443; REELHOOK_FETCH_ALLOW can allow it by name")
        self.address = address

    @property
    def reason(self) -> str:
        return f"{self.address} is {self}"


def embedded(address: Address) -> Iterator[Address]:
    """*address* and every IPv4 address that is wrapped in it."""
    yield address
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped
        if inner is None and address in NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            yield inner


def is_public(host: str) -> bool:
    """Whether the numeric *host* is a public unicast address, with everything embedded in it."""
    address = ipaddress.ip_address(host.split("%", 1)[0])
    return all(_is_plainly_public(one) for one in embedded(address))


def _is_plainly_public(address: Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address) and (address.ipv4_mapped or address in NAT64):
        return True  # a wrapper: what counts is the address inside, which is judged on its own
    if any(address in net for net in NEVER_PUBLIC if net.version == address.version):
        return False
    return address.is_global and not (
        address.is_multicast or address.is_reserved or address.is_unspecified or address.is_loopback
    )


class AddressGuard:
    """A socket factory for aiohttp that refuses private addresses and odd ports, but for *allowed* (`address:port`)."""

    def __init__(self, allowed: Collection[str] = ()) -> None:
        self._allowed = frozenset(allowed)

    def check(self, host: str, port: int) -> None:
        """Raises *AddressRefused* unless a connection to this numeric address is permitted."""
        shown = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        if shown not in self._allowed and not (port in WEB_PORTS and is_public(host)):
            raise AddressRefused(shown)

    def __call__(self, addr_info: AddrInfoType) -> socket.socket:
        family, kind, protocol, _, address = addr_info
        self.check(str(address[0]), int(address[1]))
        sock = socket.socket(family, kind, protocol)
        sock.setblocking(False)
        return sock
