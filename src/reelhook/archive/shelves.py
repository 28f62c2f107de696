"""How stored files are handed out by ourselves: whole, or in the ranges that players ask for."""

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import anyio.to_thread
from starlette.datastructures import Headers
from starlette.responses import FileResponse, Response, StreamingResponse

from reelhook.archive.stores import LocalStore, Store
from reelhook.errors import NotFound

RANGE = re.compile(r"bytes=(?:(\d{1,18})-(\d{0,18})|-(\d{1,18}))", re.IGNORECASE)


@dataclass(frozen=True)
class File:
    """A file as its row describes it, and the headers that every answer about it has; the *etag* is among them."""

    location: str
    bytes: int
    content_type: str
    headers: Mapping[str, str]


class Shelf(Protocol):
    """A store whose files browsers get from us. Every method may raise *NotFound*, or what the store raises."""

    async def response(self, file: File, asked: Headers, *, head: bool) -> Response:
        """The answer to a request with the headers *asked*."""
        ...

    async def content(self, file: File) -> bytes:
        """All of a small file."""
        ...


@runtime_checkable
class Readable(Protocol):
    """A store that is read piece by piece."""

    async def read(self, location: str, start: int = 0, stop: int | None = None) -> AsyncIterator[bytes]:
        """The bytes from *start* up to *stop*, None: to the end. Raises *NotFound* before it returns, if it must."""
        ...


def shelves(stores: Mapping[str, Store]) -> Mapping[str, Shelf]:
    """Those of the *stores* that have no addresses of their own for browsers, by name."""
    found: dict[str, Shelf] = {}
    for name, store in stores.items():
        if isinstance(store, LocalStore):
            found[name] = Folder(store)
        elif isinstance(store, Readable):
            found[name] = Bucket(store)
    return found


class Folder:
    """On our own disk, where Starlette serves files from."""

    def __init__(self, store: LocalStore) -> None:
        self._store = store

    async def response(self, file: File, asked: Headers, *, head: bool) -> Response:
        path = self._store.path(file.location)
        try:
            stat = await anyio.to_thread.run_sync(path.stat)
        except OSError:
            raise NotFound("the file is not on the disk") from None
        return FileResponse(path, headers=dict(file.headers), media_type=file.content_type, stat_result=stat)

    async def content(self, file: File) -> bytes:
        path = self._store.path(file.location)
        try:
            return await anyio.to_thread.run_sync(path.read_bytes)
        except OSError:
            raise NotFound("the file is not on the disk") from None


class Bucket:
    """Somewhere else: what is asked for streams through us, one range at a time."""

    def __init__(self, store: Readable) -> None:
        self._store = store

    async def response(self, file: File, asked: Headers, *, head: bool) -> Response:
        headers = {**file.headers, "accept-ranges": "bytes"}
        try:
            span = span_of(asked, file)
        except IndexError:
            return Response(status_code=416, headers=headers | {"content-range": f"bytes */{file.bytes}"})
        start, stop = span or (0, file.bytes)
        headers["content-length"] = str(stop - start)
        if span:
            headers["content-range"] = f"bytes {start}-{stop - 1}/{file.bytes}"
        status = 206 if span else 200
        if head:
            return Response(status_code=status, headers=headers, media_type=file.content_type)
        pieces = await self._store.read(file.location, start, stop)
        return StreamingResponse(pieces, status, headers, file.content_type)

    async def content(self, file: File) -> bytes:
        return b"".join([piece async for piece in await self._store.read(file.location)])


def sensible(value: str) -> bool:
    """Whether a Range is one range that means something. All others are ignored, as RFC 9110 (14.2) allows."""
    match = RANGE.fullmatch(value.strip())
    if match is None:
        return False
    first, last, suffix = match.groups()
    return bool(suffix) or not last or int(first) <= int(last)


def span_of(asked: Headers, file: File) -> tuple[int, int] | None:
    """From where up to where the request *asked* for the file; None: all of it.

    Raises *IndexError* when nothing of the file is in its range. An `If-Range` with another etag, or with a time, asks
    for all of it (RFC 9110, 13.1.5).
    """
    value = asked.get("range", "")
    if not sensible(value) or asked.get("if-range", file.headers["etag"]) != file.headers["etag"]:
        return None
    match = RANGE.fullmatch(value.strip())
    assert match is not None
    first, last, suffix = match.groups()
    start = max(0, file.bytes - int(suffix)) if suffix else int(first)
    stop = min(file.bytes, int(last) + 1) if last else file.bytes
    if start >= stop:
        raise IndexError(value)
    return start, stop
