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
# For a header, and for the rest of a body that was answered before it was read.
HEADER_SECONDS = 10.0
TRANSPORT = "reelhook.transport"
LOCAL = "reelhook.local"


class GuardedProtocol(HttpToolsProtocol):
    """HTTP/1.1 on httptools, with limits on all that is not body: request line, header, trailer, chunk extensions."""

    # With more than 30 names in it Python gives each instance a dict of its own, four times as large.
    __slots__ = ("_deadline", "_in_body", "_in_header", "_is_local", "_not_body", "_served")

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._served = self.app
        self._is_local = transport.get_extra_info("socket").family == socket.AF_UNIX
        self._not_body = 0  # bytes since the last body byte or the begin of the header
        self._in_header = self._in_body = False
        self._deadline: asyncio.TimerHandle | None = None
        self._expect_progress()

    def connection_lost(self, exc: Exception | None) -> None:
        self._expect_nothing()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._not_body += len(data)
        super().data_received(data)
        if self.transport.is_closing():
            return
        # What came in one piece with a begin is not counted: a piece is bounded, and a whole header is measured below.
        if self._not_body > HEADER_BYTES:
            self._refuse(431, "header_too_large", f"more than {HEADER_BYTES} bytes of header")
        elif self._in_header and self._deadline is None:  # few do not come in one piece, so few need a timer
            self._expect_progress()
        elif self._is_idle() and self.timeout_keep_alive_task is None:
            # uvicorn stopped its timer for these bytes, but they were no request: an empty line, the end of a body.
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_header, self._not_body = True, 0
        self._expect_nothing()
        extra: dict[str, Any] = {TRANSPORT: self.transport, LOCAL: self._is_local}
        self.scope.update(extra)  # type: ignore[typeddict-item]

    def on_headers_complete(self) -> None:
        self._in_header, self._in_body = False, True
        self._expect_nothing()
        size = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
        self.app = self._served if size <= HEADER_BYTES else _header_too_large
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._not_body = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._in_body, self._not_body = False, 0
        self._expect_nothing()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self._in_body and self.cycle.response_complete:
            self._expect_progress()

    def _is_idle(self) -> bool:
        answered = self.cycle is None or self.cycle.response_complete
        return answered and not (self._in_header or self._in_body)

    def _expect_progress(self) -> None:
        self._expect_nothing()
        self._deadline = self.loop.call_later(HEADER_SECONDS, self._too_slow)

    def _expect_nothing(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _too_slow(self) -> None:
        if self._in_header:
            self._refuse(408, "header_too_slow", f"the header did not end within {HEADER_SECONDS:g} s")
        else:
            self.transport.close()  # nothing came at all, or the rest of a body that was answered long ago

    def _refuse(self, status: int, code: str, detail: str) -> None:
        """Answer and close; but where an earlier answer is due or under way, this one would be taken for it."""
        if not self._in_body and (self.cycle is None or self.cycle.response_complete):
            content = problem.body(status, code, detail)
            head = f"HTTP/1.1 {status} Refused\r\ncontent-type: {problem.MEDIA_TYPE}\r\n"
            head += f"content-length: {len(content)}\r\nconnection: close\r\n\r\n"
            self.transport.write(head.encode() + content)
        self.transport.close()


async def _header_too_large(scope: Scope, receive: Receive, send: Send) -> None:
    detail = f"more than {HEADER_BYTES} bytes of header"
    await problem.answer(send, 431, "header_too_large", detail, headers={"connection": "close"})
