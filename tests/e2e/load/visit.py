"""One connection of a board: the list of videos first if it has none, then the stream behind it."""

import asyncio
from typing import Protocol, cast

import httptools


class Host(Protocol):
    """Whose connection it is."""

    since: int | None
    last_id: int

    def pauses_s(self) -> float: ...
    def listed(self, body: bytes) -> None: ...
    def answered(self) -> None: ...
    def turned_away(self, status: int) -> None: ...
    def take(self, frame: dict[str, str]) -> None: ...


class Visit(asyncio.Protocol):
    """*answered* is done when the stream is open, *ended* when the connection is gone."""

    def __init__(self, host: Host, credential: str) -> None:
        loop = asyncio.get_running_loop()
        self._host, self._credential = host, credential
        self.answered, self.ended = loop.create_future(), loop.create_future()
        self._parser = httptools.HttpResponseParser(self)
        self._transport: asyncio.Transport | None = None
        self._body = b""
        self._streams = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's own are no subclasses
        self._ask()

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        if not self.ended.done():  # it is cancelled when the board is
            self.ended.set_result(None)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)
        if pause_s := self._host.pauses_s():
            self.pause(pause_s)

    def pause(self, seconds: float) -> None:
        """Read nothing for so long."""
        if self._transport is not None:
            self._transport.pause_reading()
            asyncio.get_running_loop().call_later(seconds, self._resume)

    def vanish(self) -> None:
        """The connection is gone, without a word to the other side."""
        if self._transport is not None:
            self._transport.abort()

    def on_headers_complete(self) -> None:
        """Called by the parser, as are the next two."""
        status = self._parser.get_status_code()
        if status != 200:
            self._host.turned_away(status)
            self.vanish()
        elif self._streams:
            self._host.answered()
            self.answered.set_result(None)

    def on_body(self, body: bytes) -> None:
        *whole, self._body = (self._body + body).split(b"\n\n") if self._streams else (self._body + body,)
        for lines in whole:
            self._host.take(_frame(lines.decode()))

    def on_message_complete(self) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        if self._streams:  # a proxy keeps the connection open for something else
            self._transport.close()
            return
        self._host.listed(self._body)
        self._body = b""
        self._ask()

    def _ask(self) -> None:
        assert self._transport is not None
        self._streams = self._host.since is not None
        path, last = "/api/v1/videos", ""
        if self._streams:
            path, last = "/api/v1/stream", f"last-event-id: {self._host.last_id}\r\n"
        head = f"GET {path} HTTP/1.1\r\nhost: reelhook\r\nauthorization: Bearer {self._credential}\r\n{last}\r\n"
        self._transport.write(head.encode())

    def _resume(self) -> None:
        if self._transport is not None:
            self._transport.resume_reading()


def _frame(lines: str) -> dict[str, str]:
    """The fields of a frame; comments are none."""
    fields = (line.partition(":") for line in lines.splitlines())
    return {name: value.removeprefix(" ") for name, _, value in fields if name}
