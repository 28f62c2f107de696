"""Every way that we know of to lead our fetches inside, against a server that really listens there: nobody comes."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from reelhook.kit.guard import AddressGuard
from reelhook.kit.http import TRANSPORT_ERRORS, guarded_session, refusal
from reelhook.kit.targets import RedirectedTooOften, TargetRefused, Targets, followed


class Trap:
    """Listens on 127.0.0.1 and ::1 at one port, counts who connects, and redirects whoever asks to *location*."""

    def __init__(self) -> None:
        self.port, self.connections, self.location = 0, 0, ""

    async def took(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            await reader.readuntil(b"\r\n\r\n")
            head = f"Location: {self.location}\r\n".encode("utf-8", "surrogateescape") if self.location else b""
            status = b"302 Found" if self.location else b"200 OK"
            writer.write(b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\nConnection: close\r\n" + head + b"\r\n")
            await writer.drain()
        writer.close()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"


@pytest.fixture
async def trap() -> AsyncIterator[Trap]:
    made = Trap()
    one = await asyncio.start_server(made.took, "127.0.0.1", 0)
    made.port = one.sockets[0].getsockname()[1]
    async with one, await asyncio.start_server(made.took, "::1", made.port):
        yield made


class Names(AbstractResolver):
    """A name server of an attacker: each question gets the next of its *answers*, then the last again and again."""

    def __init__(self, *answers: tuple[str, ...]) -> None:
        self.answers = list(answers)

    async def resolve(self, host: str, port: int = 0, family: Any = socket.AF_INET) -> list[ResolveResult]:
        addresses = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for address in addresses
        ]

    async def close(self) -> None:
        return None


def session_with(names: Names, *allowed: str) -> aiohttp.ClientSession:
    connector = aiohttp.TCPConnector(socket_factory=AddressGuard(allowed), resolver=names, use_dns_cache=False)
    return aiohttp.ClientSession(connector=connector)


HOSTS = [
    "127.0.0.1", "127.0.0.1.", "127.255.255.254", "localhost", "localhost.", "LOCALHOST", "0", "0.0.0.0",
    "2130706433", "0x7f000001", "0x7F.1", "0x7f.0.0.0x1", "017700000001", "0177.0.0.1", "127.1", "127.0.1",
    "00000127.0.0.1", "127.0.0.1%2f", "127%2e0.0.1", "[::1]", "[0:0:0:0:0:0:0:1]", "[::]", "[::127.0.0.1]",
    "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::ffff:0:127.0.0.1]", "[64:ff9b::127.0.0.1]", "[64:ff9b::7f00:1]",
    "[64:ff9b::a9fe:a9fe]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]", "[2001:0:7f00:1::]", "[2001::7f00:1]",
    "[fe80::1]", "[fe80::1%25lo]", "[fe80::1%lo]", "[fec0::1]", "[fc00::1]", "[fd00:ec2::254]", "[ff02::1]",
    "169.254.169.254", "169.254.170.2", "100.100.100.200", "192.0.0.192", "168.63.129.16", "100.64.0.1", "10.0.0.1",
    "172.16.0.1", "192.168.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "239.255.255.250", "240.0.0.1",
    "255.255.255.255", "\uff11\uff12\uff17.\uff10.\uff10.\uff11", "127\u30020\u30020\u30021",
    "\u2460\u2461\u2466.0.0.1", "\u24db\u24de\u24d2\u24d0\u24db\u24d7\u24de\u24e2\u24e3", "public.example@127.0.0.1",
    "public.example:80@127.0.0.1",    "public.example\\@127.0.0.1", "127.0.0.1\\@public.example",
    "127.0.0.1\t", "127.0\n.0.1", "127.0.0.1 ",
]  # fmt: skip


@pytest.mark.parametrize("host", HOSTS, ids=ascii)
async def test_no_spelling_of_a_host_leads_inside(trap: Trap, host: str) -> None:
    """Neither as a link, nor as a redirect of a host that we may reach, nor when the link itself was not looked at."""
    for scheme in ("http", "https"):
        link = f"{scheme}://{host}:{trap.port}/x"
        async with guarded_session() as session:
            with pytest.raises((TargetRefused, *TRANSPORT_ERRORS)):
                async with followed(session, Targets(), link, 5):
                    pytest.fail(f"{link!r} was reached")
            with pytest.raises((ValueError, *TRANSPORT_ERRORS)):
                async with session.get(link):
                    pytest.fail(f"{link!r} was reached")
    assert trap.connections == 0


TEXTS = [
    "http://127.0.0.1:{port}/", "//[::1]:{port}/", "//127.0.0.2:{port}/", "http://[::ffff:127.0.0.1]:{port}/",
    "http://2130706433:{port}/", "http://me@127.0.0.1:{port}/", "http://me@[::1]:{port}/",
    "http://127.0.0.1:{port}\\@public.example/", "http:/\\[::1]:{port}/", "http:[::1]:{port}/", "https:[::1]:{port}/",
    "http://169.254.169.254/latest/meta-data", "http://[fd00:ec2::254]/", "file:///etc/passwd", "FILE:/etc/passwd",
    "ftp://[::1]:{port}/", "gopher://[::1]:{port}/_x", "data:text/html,x", "dict://[::1]:{port}/", "jar:http://[::1]/!/",
    "javascript:alert(1)", "unix:///var/run/docker.sock", "http://", "http:///x", "http://:{port}/", "http://[::1/",
    "//[::1/", "http://[::1]:99999/", "http://[::1]:0/", "http://[::1]:{port}:{port}/", "http://public.example:8443/",
]  # fmt: skip


@pytest.mark.parametrize("text", TEXTS)
async def test_no_redirect_leads_inside_or_to_another_kind_of_address(trap: Trap, text: str) -> None:
    trap.location = text.format(port=trap.port)
    targets = Targets(("127.0.0.1:1",))
    gate = Targets((trap.address,))
    gate.redirected = targets.redirected  # type: ignore[method-assign] # the first step is allowed, and no other
    async with guarded_session((trap.address,)) as session:
        with pytest.raises(TargetRefused):
            async with followed(session, gate, f"http://{trap.address}/", 5):
                pytest.fail(f"{trap.location} was reached")
    assert trap.connections == 1, "the redirect itself, and nothing behind it"


@pytest.mark.parametrize("answer", [("127.0.0.1",), ("::1",), ("127.0.0.1", "::1"), ("::ffff:127.0.0.1", "10.0.0.1")])
async def test_a_name_that_leads_inside_is_refused_with_the_reason(trap: Trap, answer: tuple[str, ...]) -> None:
    async with session_with(Names(answer)) as session:
        with pytest.raises(TRANSPORT_ERRORS) as caught:
            async with followed(session, Targets(), f"https://video.example:{trap.port}/", 5):
                pytest.fail("it was reached")
    assert refusal(caught.value) is not None
    assert trap.connections == 0


async def test_a_name_that_is_looked_up_anew_and_leads_inside_by_then_is_refused(trap: Trap) -> None:
    """Rebinding: whatever was found out about a name before says nothing about the connection that is opened now."""
    names = Names(("127.0.0.1",), ("::1",))
    async with session_with(names, trap.address) as session:
        async with session.get(f"http://video.example:{trap.port}/") as response:
            assert response.status == 200
        with pytest.raises(TRANSPORT_ERRORS) as caught:
            async with session.get(f"http://video.example:{trap.port}/"):
                pytest.fail("it was reached")
    assert refusal(caught.value) is not None
    assert trap.connections == 1


async def test_an_endless_way_is_left(trap: Trap) -> None:
    trap.location = "/again"
    async with guarded_session((trap.address,)) as session:
        with pytest.raises(RedirectedTooOften):
            async with followed(session, Targets((trap.address,)), f"http://{trap.address}/", 5):
                pytest.fail("it has an end")
    assert trap.connections == 6
