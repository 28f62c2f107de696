"""Somebody's receiver on loopback, which answers as it is told and keeps what it was sent."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
from aiohttp import web
from standardwebhooks import Webhook
from svix.webhooks import Webhook as Svix

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Received:
    """One request."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def message(self) -> dict[str, Any]:
        told: dict[str, Any] = orjson.loads(self.body)
        return told

    def verify(self, secret: str) -> None:
        """As both libraries do it. Raises when the signature is not right."""
        Webhook(secret).verify(self.body, self.headers)
        Svix(secret).verify(self.body, self.headers)


def status(code: int, body: bytes = b"", **headers: str) -> Answer:
    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(status=code, body=body, headers={k.replace("_", "-"): v for k, v in headers.items()})

    return answer


@dataclass
class Receiver:
    """*answers* come one after the other; the last one stays."""

    address: str
    answers: list[Answer] = field(default_factory=lambda: [status(204)])
    received: list[Received] = field(default_factory=list)
    held: asyncio.Event | None = None

    @property
    def url(self) -> str:
        return f"http://{self.address}/hook"

    def will(self, *answers: Answer) -> None:
        self.answers = list(answers)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.received.append(Received(request.path, headers, await request.read()))
        if self.held is not None:
            await self.held.wait()
        return await (self.answers.pop(0) if len(self.answers) > 1 else self.answers[0])(request)


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    app = web.Application(client_max_size=16 * 1024 * 1024)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    receiver = Receiver("")
    app.router.add_route("*", "/{path:.*}", receiver.handle)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    receiver.address = f"{host}:{port}"
    yield receiver
    await runner.cleanup()
