"""Which addresses are public, and that the guard asks for every one."""

import socket

import pytest

from reelhook.kit.guard import AddressGuard, AddressRefused, is_public

PRIVATE = [
    "127.0.0.1",
    "127.255.255.254",
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",
    "100.100.100.200",  # a cloud's metadata service within the shared range
    "169.254.169.254",
    "172.16.0.1",
    "192.168.1.1",
    "192.0.0.192",  # another one
    "168.63.129.16",  # Azure's host, on an address that looks public
    "192.0.2.1",
    "192.88.99.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::8.8.8.8",
    "::ffff:127.0.0.1",
    "::ffff:7f00:1",
    "::ffff:10.0.0.1",
    "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::808:808",
    "100::1",
    "2001::1",
    "2001:10::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:808:808::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%lo",
    "fec0::1",
    "ff02::1",
]
PUBLIC = ["8.8.8.8", "1.1.1.1", "93.184.216.34", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]


@pytest.mark.parametrize("host", PRIVATE)
def test_an_address_that_is_not_public_is_refused(host: str) -> None:
    assert not is_public(host)
    with pytest.raises(AddressRefused):
        AddressGuard().check(host, 443)


@pytest.mark.parametrize("host", PUBLIC)
def test_a_public_address_may_be_reached(host: str) -> None:
    AddressGuard().check(host, 443)


@pytest.mark.parametrize("port", [0, 22, 25, 6379, 8080, 8443])
def test_another_port_than_the_webs_is_refused_unless_it_is_allowed_by_name(port: int) -> None:
    for host in ("8.8.8.8", "2606:4700::1111"):
        with pytest.raises(AddressRefused):
            AddressGuard().check(host, port)
    AddressGuard((f"8.8.8.8:{port}",)).check("8.8.8.8", port)


def test_the_operator_allows_one_port_of_one_address() -> None:
    guard = AddressGuard(("127.0.0.1:9000", "[::1]:9000"))
    guard.check("127.0.0.1", 9000)
    guard.check("::1", 9000)
    for host, port in (("127.0.0.1", 9001), ("127.0.0.2", 9000), ("::ffff:127.0.0.1", 9000), ("::1", 9001)):
        with pytest.raises(AddressRefused):
            guard.check(host, port)


def test_the_refusal_names_the_address_and_the_setting() -> None:
    with pytest.raises(AddressRefused) as caught:
        AddressGuard().check("fe80::1", 80)
    assert (
        caught.value.reason
        == "[fe80::1]:80 is not a public address at port 80 or 443; REELHOOK_FETCH_ALLOW can allow it by name"
    )


def test_no_socket_is_made_for_a_refused_address() -> None:
    with pytest.raises(AddressRefused):
        AddressGuard()((socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", 80)))


def test_a_socket_for_a_permitted_one_does_not_block() -> None:
    with AddressGuard()((socket.AF_INET, socket.SOCK_STREAM, 0, "", ("8.8.8.8", 80))) as made:
        assert made.getblocking() is False
        assert made.family == socket.AF_INET
