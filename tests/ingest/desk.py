"""A front door that a simulated HeyGen reaches, and all that an operator can do about its endpoint and secret."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

import aiohttp
import pytest
from sqlalchemy import Table

from reelhook.auth.audit import Audit
from reelhook.auth.principal import local_admin
from reelhook.heygen import HeyGen
from reelhook.ingest import SecretBook, WebhookEndpoints
from reelhook.ingest.registration import Registered
from reelhook.kit.clock import SystemClock
from reelhook.kit.http import guarded_session
from reelhook.kit.ids import Ids
from reelhook.simulators.process import SimulatorConfig, running

from .conftest import Scene, signed
from .serving import Answer, ask

T = TypeVar("T")
ADMIN, REMOTE = local_admin(), "192.0.2.7"
API = "/v3/webhooks/endpoints"


@dataclass
class Outside:
    """HeyGen, and a client that may steer it and look behind it."""

    base: str
    key: str
    session: aiohttp.ClientSession

    async def control(self, method: str, path: str, body: Any = None) -> Any:
        async with self.session.request(method, f"{self.base}/_control{path}", json=body) as response:
            response.raise_for_status()
            return await response.json()

    async def arm(self, kind: str, target: str, times: int = 1) -> None:
        await self.control("POST", "/faults", {"on": "api", "kind": kind, "target": target, "times": times})

    async def register(self, url: str, **fields: Any) -> str:
        """As somebody else does it, with curl; the endpoint's id."""
        headers = {"X-Api-Key": self.key}
        async with self.session.post(self.base + API, json={"url": url, **fields}, headers=headers) as response:
            return str((await response.json())["data"]["endpoint_id"])

    async def endpoints(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self.control("GET", "/endpoints"))["endpoints"]
        return found

    async def secret(self, endpoint_id: str) -> str:
        """With which HeyGen signs now, whoever knows it."""
        return next(str(one["secret"]) for one in await self.endpoints() if one["endpoint_id"] == endpoint_id)


class Desk:
    """One process: its front door on a port, its book, and its endpoints."""

    def __init__(
        self, scene: Scene, port: int, heygen: HeyGen | None, public_url: str | None, guarded: aiohttp.ClientSession
    ) -> None:
        self.scene, self.port = scene, port
        audit = Audit(scene.db, scene.clock)
        self.does = WebhookEndpoints.build(
            heygen, scene.book, public_url, guarded, audit, scene.db, scene.clock, Ids(SystemClock())
        )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/webhooks/heygen"

    async def register(self, url: str | None = None, events: list[str] | None = None) -> Registered:
        return await self.does.registration.register(ADMIN, REMOTE, url, events)

    async def deliver(self, secret: str, body: bytes = b"{}") -> Answer:
        return await ask(self.port, signed(body, secret))

    async def rows(self, table: Table) -> list[Any]:
        return await self.scene.rows(table)


@asynccontextmanager
async def simulated() -> AsyncIterator[Outside]:
    async with running(SimulatorConfig()) as addresses, aiohttp.ClientSession() as session:
        yield Outside(addresses.heygen, addresses.heygen_api_key, session)


@asynccontextmanager
async def desk_of(scene: Scene, base: str, key: str, **options: Any) -> AsyncIterator[Desk]:
    """A desk whose HeyGen is at *base*; PUBLIC_URL is its own address."""
    allowed = {urlsplit(base).netloc}
    async with guarded_session(allowed) as session, scene.serve(**options) as port:
        heygen = HeyGen(session, base, key, SystemClock())
        yield Desk(scene, port, heygen, f"http://127.0.0.1:{port}", session)


@pytest.fixture
async def outside() -> AsyncIterator[Outside]:
    async with simulated() as one:
        yield one


@pytest.fixture
async def desk(scene: Scene, outside: Outside) -> AsyncIterator[Desk]:
    scene.secrets[:] = []
    async with desk_of(scene, outside.base, outside.key, wrong_rate=0.25) as one:
        await scene.book.load()
        yield one


async def with_time(desk: Desk, work: Coroutine[Any, Any, T]) -> T:
    """Let time pass until *work* is done."""
    task = asyncio.create_task(work)
    async with asyncio.timeout(20):
        while not task.done():
            await desk.scene.clock.forward(10)
            await asyncio.sleep(0.01)
    return await task


def another_book(scene: Scene) -> SecretBook:
    """That of the next process, or of another one beside it."""
    ids = Ids(SystemClock())
    return SecretBook(scene.db, scene.sealer, scene.clock, ids, lambda: list(scene.secrets))
