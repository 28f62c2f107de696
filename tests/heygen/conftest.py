"""HeyGen as a real server on loopback that answers what a test tells it to, and remembers what it was asked."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from aiohttp import web

from reelhook.heygen import HeyGen
from reelhook.kit.http import guarded_session

KEY = "sk_V2_the_key_of_a_test"


class StoppedClock:
    """Always noon."""

    def now(self) -> datetime:
        return datetime(2026, 11, 22, 12, tzinfo=UTC)

    def monotonic(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)


@dataclass
class Asked:
    """One request as the server saw it."""

    line: str
    body: Any
    headers: dict[str, str]


@dataclass
class FakeHeyGen:
    """Answers in the order they were told; further requests get a 500."""

    asked: list[Asked] = field(default_factory=list)
    answers: deque[web.StreamResponse | None] = field(default_factory=deque)
    address: str = ""

    def answers_with(self, answer: object, status: int = 200, **headers: str) -> None:
        """Bytes go out as they are, anything else as JSON."""
        content = answer if isinstance(answer, bytes) else orjson.dumps(answer)
        self.answers.append(web.Response(status=status, body=content, headers=headers))

    def refuses_with(self, status: int, code: str, message: str = "No.", **headers: str) -> None:
        self.answers_with({"error": {"code": code, "message": message}}, status, **headers)

    def hangs_up(self) -> None:
        self.answers.append(None)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        content = await request.read()
        body = orjson.loads(content) if content else None
        self.asked.append(Asked(f"{request.method} {request.raw_path}", body, dict(request.headers)))
        answer = self.answers.popleft() if self.answers else web.Response(status=500)
        if answer is None:
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        return answer


@pytest.fixture
async def server() -> AsyncIterator[FakeHeyGen]:
    fake, app = FakeHeyGen(), web.Application()
    app.router.add_route("*", "/{path:.*}", fake.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    fake.address = f"{host}:{port}"
    yield fake
    await runner.cleanup()


@pytest.fixture
async def heygen(server: FakeHeyGen) -> AsyncIterator[HeyGen]:
    async with guarded_session({server.address}) as session:
        yield HeyGen(session, f"http://{server.address}/", f" {KEY}\n", StoppedClock())
