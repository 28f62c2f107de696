"""Uploads in chunks: the pieces of one file, by their X-Unique-Upload-Id."""

import asyncio
import hashlib
import re
import shutil
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from reelhook.simulators.cloudinary.errors import CloudinaryError
from reelhook.simulators.cloudinary.form import UploadedFile

SMALLEST = 5 * 1024 * 1024  # every chunk but the last is bigger
COPY = 1024 * 1024


@dataclass(frozen=True)
class Range:
    """`Content-Range: bytes start-last/total`; *stop* is last + 1."""

    start: int
    stop: int
    total: int

    @property
    def last(self) -> bool:
        return self.stop == self.total


@dataclass
class Partial:
    """A file that is not complete yet; it is kept, so that a repeated last chunk finds its result (assumption)."""

    path: Path
    total: int
    public_id: str
    filename: str
    ranges: set[Range] = field(default_factory=set)

    @property
    def received(self) -> int:
        """How many bytes have arrived."""
        return sum(each.stop - each.start for each in self.ranges)

    def add(self, chunk: UploadedFile, at: Range) -> None:
        """Write *chunk* where it belongs; the same range once more is accepted (assumption)."""
        with self.path.open("r+b") as whole, chunk.path.open("rb") as piece:
            whole.seek(at.start)
            shutil.copyfileobj(piece, whole, COPY)
        chunk.path.unlink()
        self.ranges.add(at)

    def complete(self) -> UploadedFile:
        """The whole file. Raises 400 when something is missing in the middle."""
        reached = 0
        for each in sorted(self.ranges, key=lambda each: each.start):
            if each.start != reached:
                raise CloudinaryError(400, f"Chunks are not contiguous: bytes {reached}-{each.start - 1} are missing")
            reached = each.stop
        md5 = hashlib.md5(usedforsecurity=False)
        with self.path.open("rb") as whole:
            while piece := whole.read(COPY):
                md5.update(piece)
        return UploadedFile(self.filename, self.path, self.total, md5.hexdigest())


class Chunks:
    """The uploads that are under way."""

    def __init__(self) -> None:
        self._partials: dict[str, Partial] = {}
        self._finished: dict[str, tuple[Range, str]] = {}
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    def clear(self) -> None:
        """Forget all."""
        self._partials.clear()
        self._finished.clear()
        self._turns.clear()

    def turn(self, upload_id: str) -> asyncio.Lock:
        """The chunks of one upload are taken in one after the other."""
        return self._turns[upload_id]

    def finished(self, upload_id: str, at: Range) -> str | None:
        """The public id that this very chunk completed before."""
        done = self._finished.get(upload_id)
        return done[1] if done is not None and done[0] == at else None

    def partial(self, upload_id: str, at: Range, public_id: str, chunk: UploadedFile) -> Partial:
        """What has arrived under *upload_id*. Raises 400 when this chunk does not belong to it."""
        if chunk.bytes != at.stop - at.start:
            raise CloudinaryError(
                400, f"Content-Range announces {at.stop - at.start} bytes, the chunk has {chunk.bytes}"
            )
        if not at.last and chunk.bytes <= SMALLEST:
            raise CloudinaryError(400, "All parts except EOF-chunk must be larger than 5mb")
        partial = self._partials.get(upload_id)
        if partial is None:
            if at.start:
                raise CloudinaryError(400, f"The first chunk of upload {upload_id} has not arrived")
            path = chunk.path.with_suffix(".whole")
            path.touch()
            partial = self._partials[upload_id] = Partial(path, at.total, public_id, chunk.filename)
        if partial.total != at.total:
            raise CloudinaryError(400, f"The total was {partial.total} bytes, now it is {at.total}")
        return partial

    def finish(self, upload_id: str, at: Range, public_id: str) -> None:
        """The upload is stored."""
        del self._partials[upload_id]
        self._finished[upload_id] = at, public_id


def content_range(text: str) -> Range:
    """Read a Content-Range header. Raises 400."""
    match = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)", text)
    if match is None:
        # Assumption: open totals ("/-1", "/*") are refused, as reports on them contradict each other.
        raise CloudinaryError(400, f"Invalid Content-Range {text}")
    start, last, total = map(int, match.groups())
    if not start <= last < total:
        raise CloudinaryError(400, f"Invalid Content-Range {text}")
    return Range(start, last + 1, total)
