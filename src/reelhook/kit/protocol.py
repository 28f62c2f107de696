"""The one seam into uvicorn: a protocol class given to it as `http=`, pinned to the version in pyproject.

Below ASGI uvicorn takes header lines without end and waits for them for ever. This class limits both, hands the
transport to the application (to cut a slow reader), and marks requests that came over our own Unix socket.
"""

import asyncio
import socket
from typing import Any

from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from reelhook.kit import problem

HEADER_BYTES = 32 * 1024
HEADER_SECONDS = 10.0
TRANSPORT = "reelhook.transport"
LOCAL = "reelhook.local"


class GuardedProtocol(HttpToolsProtocol):
    """HTTP/1.1 on httptools, with limits on the header."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._served = self.app
        self._header_bytes = 0
        self._in_header = True
        self._is_local = transport.get_extra_info("socket").family == socket.AF_UNIX
        self._deadline = self.loop.call_later(HEADER_SECONDS, self._header_too_slow)

    def connection_lost(self, exc: Exception | None) -> None:
        self._deadline.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._in_header and not self.transport.is_closing():
            # Only the unfinished header counts here: a header that ends in this piece was measured line by line.
            self._header_bytes += len(data)
            if self._header_bytes > HEADER_BYTES:
                self._refuse(431, "header_too_large", f"more than {HEADER_BYTES} bytes of header")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_header, self._header_bytes = True, 0
        self._deadline.cancel()
        self._deadline = self.loop.call_later(HEADER_SECONDS, self._header_too_slow)
        extra: dict[str, Any] = {TRANSPORT: self.transport, LOCAL: self._is_local}
        self.scope.update(extra)  # type: ignore[typeddict-item]

    def on_headers_complete(self) -> None:
        self._in_header = False
        self._deadline.cancel()
        size = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
        self.app = self._served if size <= HEADER_BYTES else _header_too_large
        super().on_headers_complete()

    def _header_too_slow(self) -> None:
        if self._in_header and not self.transport.is_closing():
            self._refuse(408, "header_too_slow", f"the header did not end within {HEADER_SECONDS:g} s")

    def _refuse(self, status: int, code: str, detail: str) -> None:
        content = problem.body(status, code, detail)
        head = f"HTTP/1.1 {status} Refused\r\ncontent-type: {problem.MEDIA_TYPE}\r\n"
        head += f"content-length: {len(content)}\r\nconnection: close\r\n\r\n"
        self.transport.write(head.encode() + content)
        self.transport.close()


async def _header_too_large(scope: Scope, receive: Receive, send: Send) -> None:
    detail = f"more than {HEADER_BYTES} bytes of header"
    await problem.answer(send, 431, "header_too_large", detail, headers={"connection": "close"})
