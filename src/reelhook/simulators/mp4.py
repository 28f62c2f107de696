"""What an MP4 says of itself (ISO 14496-12): length in seconds and size in pixels, from its `moov` box."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO


@dataclass(frozen=True)
class Mp4:
    """Zeroes where the file says nothing, or is no MP4."""

    duration: float = 0.0
    width: int = 0
    height: int = 0


def probe(file: BinaryIO) -> Mp4:
    """Read the boxes of *file*; the media data are skipped."""
    duration, width, height = 0.0, 0, 0
    for name, body in _boxes(file, 0, file.seek(0, 2)):
        if name == b"mvhd":
            duration = _duration(body)
        elif name == b"tkhd" and len(body) >= 8:
            width = max(width, int.from_bytes(body[-8:-6], "big"))
            height = max(height, int.from_bytes(body[-4:-2], "big"))
    return Mp4(duration, width, height)


def _boxes(file: BinaryIO, start: int, stop: int) -> Iterator[tuple[bytes, bytes]]:
    """The header boxes of the movie and of its tracks."""
    while start + 8 <= stop:
        file.seek(start)
        header = file.read(16)
        length, name, head = int.from_bytes(header[:4], "big"), header[4:8], 8
        if length == 1:
            length, head = int.from_bytes(header[8:16], "big"), 16
        if length < head:
            return
        if name in (b"moov", b"trak"):
            yield from _boxes(file, start + head, min(start + length, stop))
        elif name in (b"mvhd", b"tkhd"):
            file.seek(start + head)
            yield name, file.read(min(length - head, 256))
        start += length


def _duration(mvhd: bytes) -> float:
    long = mvhd[:1] == b"\x01"
    scale, ticks = (mvhd[20:24], mvhd[24:32]) if long else (mvhd[12:16], mvhd[16:20])
    return int.from_bytes(ticks, "big") / (int.from_bytes(scale, "big") or 1)
