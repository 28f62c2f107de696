"""The clips that renders are made of, and files of any size made from them."""

import hashlib
import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from io import BytesIO
from pathlib import Path

from reelhook.simulators.mp4 import probe

MEDIA = Path(__file__).parent / "media"
BLOCK = 256 * 1024
BOX_HEADER = 8
MAX_BYTES = 2**32 - 1  # the length of a plain MP4 box is 32 bits
CONTENT_TYPES = {
    ".mp4": "video/mp4",
    ".jpg": "image/jpeg",
    ".gif": "image/gif",
    ".srt": "application/x-subrip",
    ".vtt": "text/vtt",
}


@lru_cache(maxsize=256)
def _file(name: str) -> bytes:
    return (MEDIA / name).read_bytes()


@lru_cache(maxsize=32)
def _block(seed: str, number: int) -> bytes:
    return random.Random(f"{seed}/{number}").randbytes(BLOCK)


@dataclass(frozen=True)
class MediaFile:
    """One file of a render: a file of ours, and (MP4 only) a `free` box that players skip, filled by *seed*.

    The box makes every render's bytes its own, so that a mix-up of two videos shows in the digest, and it makes files
    of any size without encoding any.
    """

    name: str
    seed: str = ""
    size: int | None = None

    @property
    def content_type(self) -> str:
        return CONTENT_TYPES[Path(self.name).suffix]

    @cached_property
    def _front(self) -> bytes:
        front = _file(self.name)
        if not self.seed:
            return front
        return front + (self.length - len(front)).to_bytes(4, "big") + b"free"

    @cached_property
    def length(self) -> int:
        smallest = smallest_bytes(self.name) if self.seed else len(_file(self.name))
        return max(self.size or 0, smallest)

    @property
    def etag(self) -> str:
        return hashlib.md5(f"{self.name}/{self.seed}/{self.length}".encode(), usedforsecurity=False).hexdigest()

    @cached_property
    def duration(self) -> float:
        """Seconds, of an MP4."""
        return probe(BytesIO(_file(self.name))).duration

    def read(self, start: int, stop: int) -> bytes:
        """The bytes from *start* up to *stop*."""
        pieces = [self._front[start:stop]]
        at, end = max(0, start - len(self._front)), stop - len(self._front)
        while at < end:
            number, offset = divmod(at, BLOCK)
            pieces.append(_block(self.seed, number)[offset : offset + end - at])
            at += len(pieces[-1])
        return b"".join(pieces)

    def blocks(self) -> Iterator[bytes]:
        """All of it, piece by piece."""
        for start in range(0, self.length, BLOCK):
            yield self.read(start, min(start + BLOCK, self.length))

    @cached_property
    def digests(self) -> dict[str, str]:
        """md5 and sha256 of the whole file; slow when it is big."""
        md5, sha256 = hashlib.md5(usedforsecurity=False), hashlib.sha256()
        for block in self.blocks():
            md5.update(block)
            sha256.update(block)
        return {"md5": md5.hexdigest(), "sha256": sha256.hexdigest()}


def smallest_bytes(name: str) -> int:
    """How short an MP4 made from *name* can be: the file, and a box of sixteen bytes of its own."""
    return len(_file(name)) + BOX_HEADER + 16


def clip_names() -> list[str]:
    """The clips there are, each with `.mp4`, `.captioned.mp4`, `.jpg`, `.gif`, `.srt` and `.vtt`.

    `.180p.mp4` and `.360p.mp4` are the qualities of its stream.
    """
    return sorted(path.stem for path in MEDIA.glob("*.jpg"))


def clip_of(path: Path) -> str | None:
    """The name of the clip that the video at *path* was made from, with captions or without; None for any other."""
    names = clip_names()
    with path.open("rb") as video:
        front = video.read(max(len(_file(f"{name}{kind}.mp4")) for name in names for kind in ("", ".captioned")))
    made = (name for name in names if front.startswith((_file(f"{name}.mp4"), _file(f"{name}.captioned.mp4"))))
    return next(made, None)


def poster_of(path: Path) -> bytes:
    """The poster of the clip that the video at *path* was made from, or of any clip when it is none of ours."""
    return _file(f"{clip_of(path) or clip_names()[0]}.jpg")
