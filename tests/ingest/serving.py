"""A real uvicorn with our protocol on loopback, in the test's own loop, and a client that sends raw bytes."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import orjson
import uvicorn
from starlette.types import ASGIApp

from reelhook.kit.protocol import GuardedProtocol

LIMIT_S = 20.0


class QuietServer(uvicorn.Server):
    """Leaves the signals of the test process alone, and starts and ends without polling."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.serving, self.ending = asyncio.Event(), asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def main_loop(self) -> None:
        await self.on_tick(0)
        self.serving.set()
        await self.ending.wait()


@asynccontextmanager
async def served(app: ASGIApp, *, listeners: Sequence[socket.socket] = (), **options: Any) -> AsyncIterator[int]:
    """Serve *app* on a free port, which is given, and on the *listeners*."""
    given: dict[str, Any] = {
        "interface": "asgi3",
        "lifespan": "off",
        "ws": "none",
        "access_log": False,
        "log_config": None,
    }
    given |= {"proxy_headers": False, "server_header": False, "http": GuardedProtocol, "timeout_graceful_shutdown": 5}
    server = QuietServer(uvicorn.Config(app, **(given | options)))
    listener = socket.create_server(("127.0.0.1", 0))
    running = asyncio.create_task(server.serve([listener, *listeners]))
    try:
        await server.serving.wait()
        yield listener.getsockname()[1]
    finally:
        server.ending.set()
        await running


@dataclass
class Answer:
    """One HTTP response."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)

    @property
    def code(self) -> str:
        return str(self.json["code"])


class Line:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def answer(self, *, head: bool = False) -> Answer:
        async with asyncio.timeout(LIMIT_S):
            top = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            pairs = (line.split(": ", 1) for line in top[1:] if line)
            headers = {name.lower(): value for name, value in pairs}
            body = b"" if head else await self.reader.readexactly(int(headers.get("content-length", 0)))
        return Answer(int(top[0].split()[1]), headers, body)

    async def closed(self) -> bool:
        """Wait for the server to close; True if it did so without another word."""
        async with asyncio.timeout(LIMIT_S):
            try:
                return await self.reader.read(1) == b""
            except ConnectionResetError:
                return True

    async def close(self) -> None:
        self.writer.close()
        with suppress(ConnectionError):
            await self.writer.wait_closed()


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[Line]:
    line = Line(*await asyncio.open_connection("127.0.0.1", port))
    try:
        yield line
    finally:
        await line.close()


def request(
    body: bytes = b"",
    *,
    method: str = "POST",
    path: str = "/webhooks/heygen",
    length: int | None = None,
    **headers: str,
) -> bytes:
    """A request's bytes; underscores in header names become hyphens."""
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    fields |= {"host": "reelhook"} | ({"content-length": str(len(body) if length is None else length)})
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items())]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


async def ask(port: int, data: bytes, *, head: bool = False) -> Answer:
    """Send *data* on a connection of its own."""
    async with connected(port) as line:
        await line.send(data)
        return await line.answer(head=head)
