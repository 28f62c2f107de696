"""Our own address: what HeyGen is told, and whether it answers as HeyGen wants it to."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web

from reelhook.errors import Unavailable, WrongInput
from reelhook.ingest import own_address
from reelhook.ingest.own_address import OwnAddress, canonical, probe, same_url
from reelhook.kit.http import guarded_session


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as one:
        yield one


async def test_the_front_door_answers_the_probe(port: int, session: aiohttp.ClientSession) -> None:
    await probe(session, f"http://127.0.0.1:{port}/webhooks/heygen")


async def test_who_takes_posts_only_is_told_so(session: aiohttp.ClientSession) -> None:
    async def took(_: web.Request) -> web.Response:
        return web.Response()

    app = web.Application()
    app.router.add_post("/hook", took)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    with pytest.raises(Unavailable, match="was answered 405, not 200: does the proxy pass OPTIONS on"):
        await probe(session, f"http://127.0.0.1:{runner.addresses[0][1]}/hook")
    await runner.cleanup()


async def test_who_is_not_there_private_or_too_slow_is_told_so(
    port: int, session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(
        Unavailable, match=r"OPTIONS http://127\.0\.0\.1:1/x failed: .*HeyGen would refuse to register it"
    ):
        await probe(session, "http://127.0.0.1:1/x")
    async with guarded_session() as guarded:
        with pytest.raises(Unavailable, match=r"failed: .* is not a public address"):
            await probe(guarded, f"http://127.0.0.1:{port}/webhooks/heygen")
    monkeypatch.setattr(own_address, "OPTIONS_LIMIT_S", 0.000001)
    with pytest.raises(Unavailable, match=r"failed: .*HeyGen would refuse"):
        await probe(session, f"http://127.0.0.1:{port}/webhooks/heygen")


async def test_only_what_public_url_names_is_asked_without_the_guard() -> None:
    async with guarded_session() as guarded:
        own = OwnAddress("https://we.example", guarded)
        for url in (
            "https://we.example.evil/x",
            "https://we.example@evil/x",
            "http://we.example/x",
            "https://we.example",
        ):
            async with own.client(url) as chosen:
                assert chosen is guarded
        async with own.client("https://we.example/webhooks/heygen") as chosen:
            assert chosen is not guarded


async def test_what_leads_here() -> None:
    async with guarded_session() as guarded:
        own, blind = OwnAddress("https://We.example", guarded), OwnAddress(None, guarded)
    assert own.leads_here("https://WE.example/webhooks/heygen")
    assert not own.leads_here("https://we.example/webhooks/heygen/")
    assert not own.leads_here("https://other.example/webhooks/heygen")
    assert blind.leads_here("https://any.example/")
    with pytest.raises(WrongInput):
        _ = blind.front_door


def test_one_address_has_one_spelling() -> None:
    assert canonical("HTTPS://We.Example:8443/A/?x=Y") == "https://we.example:8443/A/?x=Y"
    assert not same_url("https://h/a?x=1", "https://h/a")
