"""The guarded client against servers that really listen: what is refused reaches none of them."""

import asyncio
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from reelhook.kit.guard import AddressGuard
from reelhook.kit.http import TRANSPORT_ERRORS, guarded_session, refusal


@dataclass
class Trap:
    """One server on 127.0.0.1 and ::1 at the same port, which remembers who comes in."""

    port: int = 0
    requests: list[web.Request] = field(default_factory=list)
    location: str = ""

    async def handle(self, request: web.Request) -> web.Response:
        self.requests.append(request)
        if request.path == "/redirect":
            return web.Response(status=302, headers={"Location": self.location})
        if request.path == "/cookie":
            return web.Response(headers={"Set-Cookie": "a=b"})
        return web.Response(text="inside")


@pytest.fixture
async def trap() -> AsyncIterator[Trap]:
    trap, app = Trap(), web.Application()
    app.router.add_route("*", "/{path:.*}", trap.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    trap.port = runner.addresses[0][1]
    await web.TCPSite(runner, "::1", trap.port).start()
    yield trap
    await runner.cleanup()


async def error_of(url: str, session: aiohttp.ClientSession) -> BaseException:
    try:
        async with session.get(url):
            pytest.fail(f"{url} was reached")
    except TRANSPORT_ERRORS as error:
        return error


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "[::1]",
        "localhost",
        "0x7f.1",
        "0x7f000001",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "0.0.0.0",
        "[::]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "[fe80::1%25lo]",
        "169.254.169.254",
        "10.0.0.1",
        "100.64.0.1",
        "192.0.2.1",
        "224.0.0.1",
        "[fec0::1]",
        "[2001::7f00:1]",
    ],
)
async def test_a_private_host_is_refused_with_the_reason(trap: Trap, host: str) -> None:
    async with guarded_session() as session:
        error = await error_of(f"http://{host}:{trap.port}/", session)
    found = refusal(error)
    assert found is not None, repr(error)
    assert str(trap.port) in found.reason
    assert trap.requests == []


@pytest.mark.parametrize("host", ["2130706433", "017700000001", "127.1", "127.0.0.1."])
async def test_other_spellings_are_no_address_at_all(trap: Trap, host: str) -> None:
    async with guarded_session() as session:
        error = await error_of(f"http://{host}:{trap.port}/", session)
    assert isinstance(error, aiohttp.InvalidURL) or refusal(error) is not None
    assert trap.requests == []


class Names(AbstractResolver):
    """A name server of an attacker."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = addresses

    async def resolve(self, host: str, port: int = 0, family: Any = socket.AF_INET) -> list[ResolveResult]:
        return [
            {
                "hostname": host,
                "host": address,
                "port": port,
                "family": socket.AF_INET6 if ":" in address else socket.AF_INET,
                "proto": 0,
                "flags": socket.AI_NUMERICHOST,
            }
            for address in self.addresses
        ]

    async def close(self) -> None:
        return None


@pytest.mark.parametrize(
    "addresses",
    [("127.0.0.1",), ("::1",), ("127.0.0.1", "::1"), ("::1", "127.0.0.1", "10.0.0.1"), ("::ffff:127.0.0.1", "::1")],
)
async def test_a_name_that_leads_inside_is_refused_with_the_reason(trap: Trap, addresses: tuple[str, ...]) -> None:
    """Also one with several addresses, whose errors aiohttp would melt into one without a name."""
    connector = aiohttp.TCPConnector(socket_factory=AddressGuard(), resolver=Names(*addresses))
    async with aiohttp.ClientSession(connector=connector) as session:
        error = await error_of(f"http://evil.example:{trap.port}/", session)
    assert refusal(error) is not None, repr(error)
    assert trap.requests == []


@pytest.mark.parametrize("target", ["http://[::1]:{port}/", "http://localhost:{port}/in", "//127.0.0.2:{port}/"])
async def test_a_redirect_to_the_inside_is_refused(trap: Trap, target: str) -> None:
    trap.location = target.format(port=trap.port)
    async with guarded_session((f"127.0.0.1:{trap.port}",)) as session:
        # localhost may lead to 127.0.0.1, which is allowed here, so only ::1 is left to it
        session.connector._resolver = Names("::1")  # type: ignore[union-attr]
        error = await error_of(f"http://127.0.0.1:{trap.port}/redirect", session)
    assert refusal(error) is not None, repr(error)
    assert [request.path for request in trap.requests] == ["/redirect"]


@pytest.mark.parametrize("target", ["file:///etc/passwd", "gopher://127.0.0.1/", "ftp://127.0.0.1/"])
async def test_a_redirect_to_another_scheme_is_not_followed(trap: Trap, target: str) -> None:
    trap.location = target
    async with guarded_session((f"127.0.0.1:{trap.port}",)) as session:
        error = await error_of(f"http://127.0.0.1:{trap.port}/redirect", session)
    assert isinstance(error, aiohttp.NonHttpUrlClientError)


async def test_what_the_operator_allows_is_reached(trap: Trap) -> None:
    address = f"127.0.0.1:{trap.port}"
    async with guarded_session((address,)) as session, session.get(f"http://{address}/") as response:
        assert await response.text() == "inside"
    assert trap.requests[0].headers["Accept-Encoding"] == "identity"


async def test_it_keeps_no_cookies(trap: Trap) -> None:
    async with guarded_session((f"127.0.0.1:{trap.port}",)) as session:
        for path in ("/cookie", "/"):
            async with session.get(f"http://127.0.0.1:{trap.port}{path}"):
                pass
    assert "Cookie" not in trap.requests[1].headers


async def test_a_proxy_in_the_environment_is_not_used(trap: Trap, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{trap.port}")
    async with guarded_session((f"127.0.0.1:{trap.port}",)) as session:
        assert refusal(await error_of("http://169.254.169.254/latest/meta-data", session)) is not None
    assert trap.requests == []


async def test_a_body_comes_as_it_is_on_the_wire(trap: Trap) -> None:
    async with guarded_session() as session:
        assert session.auto_decompress is False
        assert session.trust_env is False


def test_the_refusal_is_found_wherever_it_hides() -> None:
    with pytest.raises(OSError, match="not a public address") as caught:
        AddressGuard().check("127.0.0.1", 1)
    inner = caught.value
    wrapped = RuntimeError("outer")
    wrapped.__cause__ = ExceptionGroup("several", [ValueError("one"), inner])
    assert refusal(wrapped) is inner
    assert refusal(RuntimeError("other")) is None


async def test_a_host_that_is_not_there_is_a_transport_error_and_no_refusal() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    async with guarded_session((f"127.0.0.1:{port}",)) as session:
        error = await error_of(f"http://127.0.0.1:{port}/", session)
    assert isinstance(error, aiohttp.ClientConnectorError)
    assert refusal(error) is None
    assert issubclass(asyncio.TimeoutError, TRANSPORT_ERRORS)
