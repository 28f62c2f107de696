"""The simulators, running."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web

from reelhook.simulators.process import Addresses, SimulatorConfig, running

from .scene import CloudinaryApi, HeyGenApi, Receiver


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    app = web.Application()
    app.router.add_route("*", "/hook", receiver.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield receiver
    await runner.cleanup()


@pytest.fixture
async def addresses() -> AsyncIterator[Addresses]:
    async with running(SimulatorConfig(seconds_per_render=0.05)) as addresses:
        yield addresses


@pytest.fixture
async def heygen(addresses: Addresses) -> AsyncIterator[HeyGenApi]:
    async with aiohttp.ClientSession(headers={"X-Api-Key": addresses.heygen_api_key}) as session:
        yield HeyGenApi(addresses.heygen, session)


@pytest.fixture
async def cloud(addresses: Addresses) -> AsyncIterator[CloudinaryApi]:
    async with aiohttp.ClientSession() as session:
        yield CloudinaryApi(addresses.cloudinary, addresses.cloudinary_url, session)
