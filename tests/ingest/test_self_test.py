"""The test we send ourselves: it arrived, or it did not and this is why."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import web

from reelhook.events import Secret
from reelhook.ingest.own_address import OwnAddress
from reelhook.ingest.self_test import RoundTrip, SelfTest
from reelhook.kit.http import guarded_session

from .conftest import SECRET, Scene

Send = Callable[[str, str | None], Awaitable[RoundTrip]]
OURS = Secret("ours", SECRET)


@pytest.fixture
async def send(scene: Scene) -> AsyncIterator[Send]:
    """Sends to a URL; PUBLIC_URL is what it is told."""
    async with guarded_session() as guarded:

        async def one(url: str, public_url: str | None) -> RoundTrip:
            test = SelfTest(scene.db, OwnAddress(public_url, guarded), scene.clock, scene.ids)
            return await test.send(url, OURS)

        yield one


@pytest.fixture
async def other() -> AsyncIterator[str]:
    """A server that is not us, and answers by the path."""

    async def handle(request: web.Request) -> web.Response:
        status, _, body = request.path.removeprefix("/").partition("/")
        headers = {"location": "/elsewhere"} if status == "302" else {}
        return web.Response(status=int(status), text=body * (10_000 if status == "201" else 1), headers=headers)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handle)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def test_it_arrives(send: Send, port: int) -> None:
    base = f"http://127.0.0.1:{port}"
    tested = await send(f"{base}/webhooks/heygen", base)
    assert (tested.arrived, tested.event_id is not None) == (True, True)
    assert tested.said == f"a signed test came back through {base}/webhooks/heygen in 0 ms"


async def test_who_refuses_it_says_so(send: Send, port: int, scene: Scene) -> None:
    scene.secrets[:] = ["whsec_other"]
    await scene.book.load()
    base = f"http://127.0.0.1:{port}"
    assert "answered 401 (wrong_secret)" in (await send(f"{base}/webhooks/heygen", base)).said


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("404/", "answered 404: does the proxy pass POST on"),
        ("302/", "answered 302, a redirect: register the address that it leads to"),
        ("200/", "answered 200, but somebody else did"),
        ('200/{"event_id": 7}', "answered 200, but somebody else did"),
        ('200/{"event_id": "of another"}', "answered 200, but somebody else did"),
        ("201/long", "answered 201: does the proxy"),
    ],
)
async def test_what_is_not_us_is_told_apart(path: str, said: str, other: str, send: Send) -> None:
    tested = await send(f"{other}/{path}", other)
    assert (tested.arrived, said in tested.said) == (False, True), tested.said


async def test_nobody_there(send: Send) -> None:
    tested = await send("http://127.0.0.1:1/webhooks/heygen", "http://127.0.0.1:1")
    assert not tested.arrived
    assert "was not reached" in tested.said
    assert "Is `reelhook serve` running there?" in tested.said


async def test_a_private_address_that_is_not_public_url_is_not_reached(send: Send, port: int) -> None:
    tested = await send(f"http://127.0.0.1:{port}/webhooks/heygen", "https://reelhook.example.com")
    assert not tested.arrived
    assert "not a public address" in tested.said


async def test_who_never_answers_is_not_waited_for_without_end(send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reelhook.ingest.self_test.LIMIT_S", 0.1)
    connected = asyncio.Event()

    async def deaf(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connected.set()
        await reader.read()
        writer.close()

    async with await asyncio.start_server(deaf, "127.0.0.1", 0) as listening:
        base = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
        tested = await send(f"{base}/webhooks/heygen", base)
    assert connected.is_set()
    assert (tested.arrived, "no answer in time" in tested.said) == (False, True)
