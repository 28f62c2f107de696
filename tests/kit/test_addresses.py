"""The client's address, seen through the proxies we trust and no others."""

import pytest
from starlette.types import Scope

from reelhook.kit.addresses import contains, neighbourhood, network, networks, remote

TRUSTED = networks(["10.0.0.0/8", "fd00::/8", "127.0.0.1"])


def scope(peer: str | None, *forwarded: str) -> Scope:
    headers = [(b"x-forwarded-for", value.encode()) for value in forwarded]
    return {"type": "http", "client": (peer, 1) if peer is not None else None, "headers": headers}


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("192.0.2.1", [], "192.0.2.1"),
        ("192.0.2.1", ["198.51.100.7"], "192.0.2.1"),  # who is no proxy of ours may say what it likes
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.7"], "198.51.100.7"),
        ("10.0.0.1", ["1.1.1.1, 198.51.100.7, 10.0.0.2"], "198.51.100.7"),  # the rightmost that is not ours
        ("10.0.0.1", ["1.1.1.1", "198.51.100.7"], "198.51.100.7"),  # several headers are one list
        ("10.0.0.1", ["10.0.0.3"], "10.0.0.1"),
        ("10.0.0.1", ["unknown"], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.7, <script>"], "10.0.0.1"),
        ("10.0.0.1", ["[2001:db8::7]"], "2001:db8::7"),
        ("10.0.0.1", ["198.51.100.7:49152"], "198.51.100.7"),  # some proxies write the port beside it
        ("10.0.0.1", ["[2001:db8::7]:443"], "2001:db8::7"),
        ("10.0.0.1", ["198.51.100.7, [fd00::2]:443, 10.0.0.2:80"], "198.51.100.7"),
        ("10.0.0.1", ["::ffff:198.51.100.7"], "198.51.100.7"),
        ("10.0.0.1", ["198.51.100.7, ::ffff:10.0.0.2"], "198.51.100.7"),
        ("10.0.0.1", ["2001:db8::7"], "2001:db8::7"),  # its last group is no port
        ("10.0.0.1", ["198.51.100.7, "], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.7:http"], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.300"], "10.0.0.1"),
        ("10.0.0.1", ["["], "10.0.0.1"),
        ("::ffff:10.0.0.1", ["198.51.100.7"], "198.51.100.7"),
        ("fd00::1%eth0", ["198.51.100.7"], "198.51.100.7"),
        (None, ["198.51.100.7"], ""),
    ],
)
def test_the_client(peer: str | None, forwarded: list[str], client: str) -> None:
    assert remote(scope(peer, *forwarded), TRUSTED) == client


def test_another_header_tells_nothing() -> None:
    told = scope("10.0.0.1")
    told["headers"] = [(b"forwarded", b"for=198.51.100.7"), (b"x-real-ip", b"198.51.100.7")]
    assert remote(told, TRUSTED) == "10.0.0.1"


def test_without_trusted_proxies_nobody_is_believed() -> None:
    assert remote(scope("10.0.0.1", "198.51.100.7"), ()) == "10.0.0.1"


@pytest.mark.parametrize(
    ("address", "inside"),
    [("10.1.2.3", True), ("::ffff:10.1.2.3", True), ("11.0.0.1", False), ("fd12::1", True), ("", False), ("x", False)],
)
def test_whether_an_address_is_in_a_network(address: str, inside: bool) -> None:
    assert contains(TRUSTED, address) is inside


def test_an_ipv6_customer_is_one_address() -> None:
    assert neighbourhood("2001:db8::1") == neighbourhood("2001:db8::ffff") != neighbourhood("2001:db8:0:1::1")
    assert neighbourhood("192.0.2.1") != neighbourhood("192.0.2.2")
    assert neighbourhood("unix") == "unix"


def test_the_network_around_an_address() -> None:
    around = {"192.0.2.77": "192.0.2.0/24", "::ffff:192.0.2.77": "192.0.2.0/24", "2001:db8:1:2::3": "2001:db8:1::/48"}
    assert {address: network(address) for address in around} == around
    assert network("") is network("unix") is None
