"""Bytes over HTTP: whole or a range of them (RFC 9110, section 14), at any pace, to the end or not."""

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from reelhook.simulators.connection import hang_up

BLOCK = 256 * 1024
PACES_PER_S = 20  # how finely a throttled answer is cut


class Content(Protocol):
    """What can be served: its type, its length, its ETag, and any part of it."""

    @property
    def content_type(self) -> str: ...
    @property
    def length(self) -> int: ...
    @property
    def etag(self) -> str: ...
    def read(self, start: int, stop: int) -> bytes: ...


@dataclass(frozen=True)
class Transfer:
    """How an answer's body is sent: *bytes_per_s* (0: at once), and after how many bytes the line goes dead."""

    bytes_per_s: int = 0
    hang_up_after: int | None = None


class ContentResponse(Response):
    """*content*, as *request* wants it: 200, 206 or 416, with ETag and If-Range; HEAD has no body."""

    def __init__(self, request: Request, content: Content, transfer: Transfer | None = None) -> None:
        self.content = content
        self.transfer = transfer or Transfer()
        wanted = _wanted(request, content)
        self.start, self.stop = wanted or (0, 0)
        self.bodiless = request.method == "HEAD"
        super().__init__(status_code=_status(wanted, content.length), headers=self._described(wanted))

    def _described(self, wanted: tuple[int, int] | None) -> dict[str, str]:
        headers = {
            "content-type": self.content.content_type,
            "content-length": str(self.stop - self.start),
            "etag": f'"{self.content.etag}"',
            "accept-ranges": "bytes",
        }
        if wanted is None:
            headers["content-range"] = f"bytes */{self.content.length}"
        elif self.stop - self.start < self.content.length:
            headers["content-range"] = f"bytes {self.start}-{self.stop - 1}/{self.content.length}"
        return headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        if not self.bodiless:
            for start, stop in self._cuts():
                await send({"type": "http.response.body", "body": self.content.read(start, stop), "more_body": True})
                if self.transfer.bytes_per_s:
                    await asyncio.sleep((stop - start) / self.transfer.bytes_per_s)
            if self._ends_early():
                await hang_up(scope, receive)
                return
        await send({"type": "http.response.body", "body": b""})

    def _ends_early(self) -> bool:
        limit = self.transfer.hang_up_after
        return limit is not None and limit < self.stop - self.start

    def _cuts(self) -> Iterator[tuple[int, int]]:
        pace, limit = self.transfer.bytes_per_s, self.transfer.hang_up_after
        step = min(BLOCK, max(1, pace // PACES_PER_S)) if pace else BLOCK
        end = self.stop if limit is None else min(self.stop, self.start + limit)
        for start in range(self.start, end, step):
            yield start, min(start + step, end)


def _status(wanted: tuple[int, int] | None, length: int) -> int:
    if wanted is None:
        return 416
    return 200 if wanted == (0, length) else 206


def _wanted(request: Request, content: Content) -> tuple[int, int] | None:
    """The half-open range to send; None when what was asked for lies outside."""
    whole = (0, content.length)
    match = re.fullmatch(r"bytes=(\d*)-(\d*)", request.headers.get("range", "").strip())
    condition = request.headers.get("if-range")
    if match is None or match.group(0) == "bytes=-" or condition not in (None, f'"{content.etag}"'):
        return whole
    first, last = match.groups()
    start = int(first) if first else max(0, content.length - int(last))
    stop = min(int(last) + 1, content.length) if first and last else content.length
    return (start, stop) if start < stop else None
