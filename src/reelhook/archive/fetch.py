"""Downloads: streamed, resumed when the line drops, bounded in size and time, and only from where we may go."""

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass

import aiohttp

from reelhook.archive.boxes import Boxes
from reelhook.archive.errors import (
    ContentChanged,
    CutOff,
    FetchFailed,
    LinkExpired,
    RedirectLoop,
    SourceRefused,
    TooLarge,
    TooSlow,
)
from reelhook.archive.media_types import LOOK_AT, media_type
from reelhook.kit.backoff import full_jitter
from reelhook.kit.clock import Clock
from reelhook.kit.http import TRANSPORT_ERRORS, refusal
from reelhook.kit.targets import RedirectedTooOften, TargetRefused, Targets, followed

CHUNK = 256 * 1024
MOST_REDIRECTS = 5
# A line that drops is picked up again; five times in a row without a megabyte of progress is enough.
MOST_RESUMES = 5
PROGRESS = 1024 * 1024
OF_BOXES = frozenset({"video/mp4", "video/quicktime"})
GONE = frozenset({401, 403, 404, 410})
USER = re.compile(r"(?<=://)[^/@]*@")
CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")

Watch = Callable[[int, int | None], None]


@dataclass(frozen=True)
class Limits:
    """*total_s* for the whole file, *stall_s* without a byte, *most_bytes* of it."""

    total_s: float
    most_bytes: int
    stall_s: float = 30.0


@dataclass(frozen=True)
class Download:
    """A file that is coming in. Its *chunks* can be read once; *length* and *etag* are what the host says of it.

    Reading raises a *ReelhookError* when the file does not come in whole.
    """

    url: str
    content_type: str
    length: int | None
    etag: str | None
    chunks: AsyncIterator[bytes]


def unwatched(done: int, total: int | None) -> None:
    """Nobody wants to know."""


class Fetcher:
    """Fetches files with a guarded session from *targets*. It sends no credentials: links carry their own."""

    def __init__(self, session: aiohttp.ClientSession, clock: Clock, limits: Limits, targets: Targets) -> None:
        self.session, self.clock, self.limits, self.targets = session, clock, limits, targets

    @asynccontextmanager
    async def open(self, url: str, role: str, watch: Watch = unwatched) -> AsyncGenerator[Download]:
        """Begin to download the *role* (video, poster…) at *url*; the connection is closed with the block.

        *watch* is told of every piece: bytes so far, bytes in all. Raises *LinkExpired*, *NotMedia*, *TooLarge*,
        *SourceRefused*, *FetchFailed*; reading the chunks also *CutOff*.
        """
        transfer = _Transfer(self, url, watch)
        async with aclosing(transfer.pieces()) as pieces:
            head = await _head(pieces)
            content_type = media_type(head, role)
            whole = _joined(head, pieces)
            if content_type in OF_BOXES:
                whole = _checked(whole, source_name(url))
            async with aclosing(whole) as chunks:
                yield Download(url, content_type, transfer.length, transfer.etag, chunks)


async def _head(pieces: AsyncIterator[bytes]) -> bytes:
    head = b""
    async for piece in pieces:
        head += piece
        if len(head) >= LOOK_AT:
            break
    return head


async def _joined(head: bytes, pieces: AsyncIterator[bytes]) -> AsyncGenerator[bytes]:
    yield head
    async for piece in pieces:
        yield piece


async def _checked(pieces: AsyncIterator[bytes], name: str) -> AsyncGenerator[bytes]:
    """The same pieces; at the end *CutOff* when the film in them is not whole."""
    boxes = Boxes()
    async for piece in pieces:
        boxes.feed(piece)
        yield piece
    if boxes.missing:
        raise CutOff(f"{name} is cut off: the film has at least {boxes.missing} bytes more than were served")
    if not boxes.has_film:
        raise CutOff(f"{name} is cut off: there is no film in it")


class _Dropped(FetchFailed):
    """The connection ended too early; what is here can be kept."""


class _Transfer:
    """One file, over as many connections as it takes."""

    def __init__(self, fetcher: Fetcher, url: str, watch: Watch) -> None:
        self._session, self._targets = fetcher.session, fetcher.targets
        self._clock, self._limits = fetcher.clock, fetcher.limits
        self._url, self._watch = url, watch
        self._name = source_name(url)
        self._deadline = self._clock.monotonic() + self._limits.total_s
        self._received = 0
        self.length: int | None = None
        self.etag: str | None = None

    async def pieces(self) -> AsyncGenerator[bytes]:
        tries = 0
        while True:
            before = self._received
            try:
                async with aclosing(self._connection()) as connection:
                    async for piece in connection:
                        yield piece
                return
            except _Dropped as drop:
                tries = 1 if self._received - before >= PROGRESS else tries + 1
                self._give_up(drop, tries)
            await self._clock.sleep(full_jitter(tries, 0.5, base_s=0.5, cap_s=5))

    def _give_up(self, drop: _Dropped, tries: int) -> None:
        """Raise unless picking up where it dropped makes sense."""
        if self._received and self.etag is None:
            raise FetchFailed(f"{drop.message}; the host names no ETag to resume by") from drop
        if self._received == 0 or tries > MOST_RESUMES:
            where = "" if self.length is None else f", at byte {self._received} of {self.length}"
            raise FetchFailed(f"{drop.message}{where}") from drop

    async def _connection(self) -> AsyncGenerator[bytes]:
        """The rest of the file, as far as one connection gets. Raises *_Dropped*, or what ends the whole transfer."""
        headers = {"Range": f"bytes={self._received}-", "If-Range": self.etag or ""} if self._received else {}
        try:
            async with followed(
                self._session,
                self._targets,
                self._url,
                MOST_REDIRECTS,
                headers=headers,
                timeout=aiohttp.ClientTimeout(total=None, connect=10, sock_read=self._limits.stall_s),
                read_bufsize=CHUNK,
            ) as response:
                skip = self._begin(response)
                async for piece in response.content.iter_chunked(CHUNK):
                    self._check_time()
                    fresh = piece[skip:]
                    skip = max(0, skip - len(piece))
                    if fresh:
                        self._count(fresh)
                        yield fresh
        except TargetRefused as refused:
            raise SourceRefused(f"{self._name} is not fetched: {refused.reason}") from None
        except RedirectedTooOften:
            raise RedirectLoop(f"{self._name} redirects more than {MOST_REDIRECTS} times") from None
        except TRANSPORT_ERRORS as error:
            raise self._explained(error) from error
        if self.length is not None and self._received != self.length:
            raise _Dropped(f"{self._name} ended early")

    def _begin(self, response: aiohttp.ClientResponse) -> int:
        """Check the answer's head. Returns how many bytes of its body are here already."""
        self._check_status(response)
        etag, length = _strong_etag(response), response.content_length
        if not self._received:
            self.etag, self.length = etag, length
            if length is not None:
                self._check_size(length)
            return 0
        start = 0  # 200: the host sends all of it again; what is here already is passed over
        if response.status == 206:
            start, length = _content_range(response)
            etag = etag or self.etag  # If-Range has compared it
        if etag != self.etag or length != self.length or start > self._received:
            raise ContentChanged(f"{self._name} is no longer the file it was when the download began")
        return self._received - start

    def _check_status(self, response: aiohttp.ClientResponse) -> None:
        status = response.status
        if status == 200 or (status == 206 and self._received):
            return
        if status in GONE:
            raise LinkExpired(f"{self._name} answers {status}: the link has expired or the file is not there")
        if status == 416 and self._received:
            raise ContentChanged(f"{self._name} has become shorter than what was read of it")
        if status >= 500 and self._received:
            raise _Dropped(f"{self._name} answers {status}")
        retry_after = response.headers.get("Retry-After", "")
        wait = float(retry_after) if retry_after.isdigit() else None
        raise FetchFailed(f"{self._name} answers {status}", retry_after_s=wait)

    def _count(self, piece: bytes) -> None:
        self._received += len(piece)
        self._check_size(self._received)
        self._watch(self._received, self.length)

    def _check_size(self, size: int) -> None:
        if size > self._limits.most_bytes:
            raise TooLarge(f"{self._name} has more than {self._limits.most_bytes} bytes (REELHOOK_VIDEO_MAX_BYTES)")

    def _check_time(self) -> None:
        if self._clock.monotonic() > self._deadline:
            limit = f"{self._limits.total_s:g} s (REELHOOK_DOWNLOAD_LIMIT_S)"
            raise TooSlow(f"{self._name} was not read to its end within {limit}")

    def _explained(self, error: BaseException) -> FetchFailed | SourceRefused:
        """The error in words without the link's query: aiohttp quotes whole addresses."""
        refused = refusal(error)
        if refused is not None:
            return SourceRefused(f"{self._name} is not fetched: {refused.reason}")
        if isinstance(error, asyncio.TimeoutError):
            return _Dropped(f"{self._name} sent nothing for too long")
        if isinstance(error, aiohttp.ClientConnectorError):
            return _Dropped(f"{self._name} cannot be reached: {error.os_error.strerror or type(error).__name__}")
        return _Dropped(f"{self._name} dropped the connection ({type(error).__name__})")


def source_name(url: str) -> str:
    """A link without its query and its password, which must stay secret: fit for messages."""
    return USER.sub("", re.split(r"[?#]", url, maxsplit=1)[0])


def _strong_etag(response: aiohttp.ClientResponse) -> str | None:
    etag = response.headers.get("ETag")
    return etag if etag and not etag.startswith("W/") else None


def _content_range(response: aiohttp.ClientResponse) -> tuple[int, int | None]:
    """Where a partial answer starts and how long the whole is."""
    match = CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
    return (int(match[1]), int(match[3])) if match else (0, None)
