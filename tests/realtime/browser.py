"""A browser's EventSource, as raw bytes on a real socket."""

import asyncio
import socket
import zlib
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

import orjson

from tests.ingest.serving import LIMIT_S, Line


@dataclass(frozen=True)
class Frame:
    """One event of the stream; a comment has neither name nor data."""

    event: str | None = None
    id: int | None = None
    retry: int | None = None
    data: Any = None


class Browser:
    """Reads one stream."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.headers = ""
        self._chunks = b""
        self._unpack: Callable[[bytes], bytes] = bytes

    async def begin(self) -> None:
        async with asyncio.timeout(LIMIT_S):
            head = (await self.line.reader.readuntil(b"\r\n\r\n")).decode()
        self.headers = head.lower()
        assert self.headers.startswith("http/1.1 200 "), head
        if "content-encoding: gzip" in self.headers:
            self._unpack = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS).decompress
        assert await self.frame() == Frame()

    async def frame(self) -> Frame:
        """The next frame. Raises *IncompleteReadError* at the end of the stream."""
        async with asyncio.timeout(LIMIT_S):
            while b"\n\n" not in self._chunks:
                self._chunks += await self._chunk()
        first, self._chunks = self._chunks.split(b"\n\n", 1)
        return _frame(first)

    async def frames(self, many: int) -> list[Frame]:
        return [await self.frame() for _ in range(many)]

    async def rest(self) -> list[Frame]:
        """Everything up to the end."""
        found = []
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                found.append(await self.frame())
        return found

    async def _chunk(self) -> bytes:
        size = int(await self.line.reader.readuntil(b"\r\n"), 16)
        content = await self.line.reader.readexactly(size + 2)
        if size == 0:
            raise asyncio.IncompleteReadError(b"", 1)
        return self._unpack(content[:-2])


def _frame(text: bytes) -> Frame:
    fields = dict(line.split(": ", 1) for line in text.decode().split("\n") if not line.startswith(":"))
    return Frame(
        fields.get("event"),
        int(fields["id"]) if "id" in fields else None,
        int(fields["retry"]) if "retry" in fields else None,
        orjson.loads(fields["data"]) if "data" in fields else None,
    )


def wanted(query: str = "", path: str = "/api/v1/stream", **headers: Any) -> bytes:
    lines = [f"GET {path}{query} HTTP/1.1", "host: reelhook"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


@asynccontextmanager
async def watching(port: int, query: str = "", **headers: Any) -> AsyncIterator[Browser]:
    """An open stream. Fails when it is refused."""
    line = Line(*await asyncio.open_connection("127.0.0.1", port))
    try:
        await line.send(wanted(query, **headers))
        browser = Browser(line)
        await browser.begin()
        yield browser
    finally:
        await line.close()


class Stalled:
    """Opens a stream with the smallest receive buffer and never reads."""

    def __init__(self, port: int, query: str = "", path: str = "/api/v1/stream") -> None:
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
        self.socket.connect(("127.0.0.1", port))
        self.socket.sendall(wanted(query, path))

    async def was_cut(self) -> bytes:
        """Read all that still comes until the reset; returns it."""
        self.socket.setblocking(False)
        loop, found = asyncio.get_running_loop(), b""
        async with asyncio.timeout(LIMIT_S):
            with suppress(ConnectionError):
                while piece := await loop.sock_recv(self.socket, 65536):
                    found += piece
        return found


@asynccontextmanager
async def stalled(port: int, query: str = "") -> AsyncIterator[Stalled]:
    made = await asyncio.to_thread(Stalled, port, query)
    try:
        yield made
    finally:
        made.socket.close()


def ids(frames: list[Frame]) -> Iterator[int]:
    return (frame.id for frame in frames if frame.id is not None)
