"""A download on its way into a bucket: its digests, and those of the parts that the service will see."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from typing import Self

from reelhook.archive.digest import Digest

PIECE = 1024 * 1024  # worth a turn in a thread


class GivenUp(Exception):
    """Whoever waited for the file does not any more."""


class Sending:
    """Iterates over *chunks*, larger ones made of them. It can be given up at any moment, also while it waits."""

    def __init__(self, chunks: AsyncIterator[bytes], part: int) -> None:
        self._chunks, self._parts = chunks, _Parts(part)
        self._given_up = asyncio.Event()
        self._digest = Digest()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        piece = await self._unless_given_up()
        if not piece:
            raise StopAsyncIteration
        await asyncio.to_thread(self._count, piece)
        return piece

    def give_up(self) -> None:
        """Let whoever reads this find an error: *GivenUp*."""
        self._given_up.set()

    @property
    def length(self) -> int:
        return self._digest.length

    @property
    def sha256(self) -> str:
        return self._digest.sha256

    def is_etag(self, etag: str) -> bool:
        """Whether it is the one of what was sent. Where a service encrypts with keys of its own, it is another."""
        return etag.strip('"').lower() in self._parts.etags

    def _count(self, piece: bytes) -> None:
        self._digest.update(piece)
        self._parts.update(piece)

    async def _unless_given_up(self) -> bytes:
        reading = asyncio.ensure_future(self._read())
        waiting = asyncio.ensure_future(self._given_up.wait())
        try:
            await asyncio.wait({reading, waiting}, return_when=asyncio.FIRST_COMPLETED)
            if self._given_up.is_set():
                raise GivenUp
            return await reading
        finally:
            waiting.cancel()
            if not reading.done():
                reading.cancel()
                await asyncio.wait({reading})

    async def _read(self) -> bytes:
        """As many chunks as make a piece; empty at the end."""
        piece = bytearray()
        while len(piece) < PIECE and (chunk := await anext(self._chunks, None)) is not None:
            piece += chunk
        return bytes(piece)


class _Parts:
    """The etag of an object that came in parts: the MD5 of their MD5s, and how many there were.

    That is how S3 and its kin do it, though Amazon promises it only for what it does not encrypt with a key of KMS
    (API reference of S3, "Object", ETag).
    """

    def __init__(self, size: int) -> None:
        self._size, self._room = size, size
        self._part = hashlib.md5(usedforsecurity=False)
        self._done: list[bytes] = []

    def update(self, piece: bytes) -> None:
        rest = memoryview(piece)
        while rest:
            if not self._room:
                self._next()
            taken = rest[: self._room]
            self._part.update(taken)
            self._room -= len(taken)
            rest = rest[len(taken) :]

    @property
    def etags(self) -> set[str]:
        """What is small may also have come whole."""
        digests = [*self._done, self._part.digest()]
        together = hashlib.md5(b"".join(digests), usedforsecurity=False).hexdigest()
        whole = {digests[0].hex()} if len(digests) == 1 else set()
        return whole | {f"{together}-{len(digests)}"}

    def _next(self) -> None:
        self._done.append(self._part.digest())
        self._part, self._room = hashlib.md5(usedforsecurity=False), self._size
