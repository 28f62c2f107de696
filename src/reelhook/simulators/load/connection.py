"""One kept-alive connection: a request goes out whole, and its answer is read as far as its length says."""

import asyncio
import re
from typing import Protocol, cast

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
BODILESS = (b"HEAD ", b"OPTIONS ")


class Driver(Protocol):
    """Who decides what is sent when."""

    def answered(self, connection: "Connection", status: bytes) -> None: ...
    def lost(self, connection: "Connection") -> None: ...


class Connection(asyncio.Protocol):
    """Tells *driver* of every answer and of its own end. It holds one request at a time."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self._transport: asyncio.WriteTransport | None = None
        self._read = b""
        self.began_ns = 0
        """When the request under way should have begun."""
        self.busy = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.WriteTransport, transport)  # uvloop's own are no subclasses

    def connection_lost(self, exc: Exception | None) -> None:
        self._driver.lost(self)

    def send(self, request: bytes, began_ns: int) -> None:
        assert self._transport is not None
        self.began_ns, self.busy = began_ns, True
        self._transport.write(request)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def data_received(self, data: bytes) -> None:
        read = self._read + data if self._read else data
        end = read.find(b"\r\n\r\n")
        if end < 0 or len(read) < end + 4 + _length(read, end):
            self._read = read
            return
        self._read, self.busy = b"", False
        self._driver.answered(self, read[9:12])


def _length(read: bytes, end: int) -> int:
    """The length of the body. No answer that is awaited here may leave it open."""
    found = LENGTH.search(read, 0, end)
    if found is None:
        raise ValueError(f"an answer without a length cannot be measured: {read[:end]!r}")
    return int(found[1])
