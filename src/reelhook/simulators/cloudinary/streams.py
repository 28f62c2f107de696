"""HLS (RFC 8216) of the clips: playlists over files that `make_media.py` coded beforehand.

Assumptions, for Cloudinary does not say: how many qualities there are and how each is asked for; that a segment is a
range of one file (as in HLS version 4; for version 3 it has a flag); and how it refuses what it cannot stream.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from reelhook.simulators.clips import MediaFile, clip_of
from reelhook.simulators.cloudinary.assets import Asset
from reelhook.simulators.cloudinary.errors import CloudinaryError

CONTENT_TYPE = "application/x-mpegURL"
ALL_QUALITIES = "sp_auto"
QUALITIES = {"h_180,sp_auto": (320, 180), "h_360,sp_auto": (640, 360)}
"""Width and height, by the transformation that is one quality of the stream."""
SEGMENT_S = 2.0  # as in make_media.py


@dataclass(frozen=True)
class Segment:
    """*length* bytes from *start* on, which last *seconds*."""

    start: int
    length: int
    seconds: float


def playlist(asset: Asset, transformation: str, cloud: str) -> str:
    """What *transformation* of *asset* is as `.m3u8`. Raises *CloudinaryError* for what cannot be streamed."""
    kind, delivery, public_id = asset.key
    addresses = {
        each: f"/{cloud}/{kind}/{delivery}/{each}/v{asset.version}/{public_id}" for each in (*QUALITIES, transformation)
    }
    if transformation == ALL_QUALITIES:
        lines = _all(asset, addresses)
    else:
        lines = _one(quality(asset, transformation), f"{addresses[transformation]}.mp4")
    return "\n".join(("#EXTM3U", "#EXT-X-VERSION:7", *lines, ""))


def quality(asset: Asset, transformation: str) -> MediaFile:
    """The fragmented file that is one quality; captions in the picture are left out.

    Raises *CloudinaryError* for what cannot be streamed.
    """
    clip = clip_of(asset.file.path)
    if clip is None or transformation not in QUALITIES:
        raise CloudinaryError(400, f"{asset.public_id} cannot be streamed as {transformation or 'it is'}")
    return MediaFile(f"{clip}.{QUALITIES[transformation][1]}p.mp4")


def _all(asset: Asset, addresses: dict[str, str]) -> Iterator[str]:
    for transformation, (width, height) in QUALITIES.items():
        file = quality(asset, transformation)
        most = max(round(8 * one.length / one.seconds) for one in _segments(file))
        yield f'#EXT-X-STREAM-INF:BANDWIDTH={most},CODECS="{_codecs(file)}",RESOLUTION={width}x{height}'
        yield f"{addresses[transformation]}.m3u8"


def _one(file: MediaFile, address: str) -> Iterator[str]:
    segments = _segments(file)
    yield f"#EXT-X-TARGETDURATION:{SEGMENT_S:.0f}"
    yield "#EXT-X-PLAYLIST-TYPE:VOD"
    yield f'#EXT-X-MAP:URI="{address}",BYTERANGE="{segments[0].start}@0"'
    for one in segments:
        yield f"#EXTINF:{one.seconds:.3f},"
        yield f"#EXT-X-BYTERANGE:{one.length}@{one.start}"
        yield address
    yield "#EXT-X-ENDLIST"


def _segments(file: MediaFile) -> list[Segment]:
    """Each from one `moof` box to the next; the last, which is shorter, to the index at the end."""
    boxes = list(_boxes(file.read(0, file.length)))
    starts = [start for name, start in boxes if name == b"moof"]
    ends = [*starts[1:], next(start for name, start in boxes if name == b"mfra")]
    whole = MediaFile(f"{file.name.partition('.')[0]}.mp4").duration
    return [
        Segment(start, end - start, min(SEGMENT_S, whole - number * SEGMENT_S))
        for number, (start, end) in enumerate(zip(starts, ends, strict=True))
    ]


def _boxes(data: bytes) -> Iterator[tuple[bytes, int]]:
    """Name and start of each outermost box."""
    at = 0
    while at < len(data):
        yield data[at + 4 : at + 8], at
        at += int.from_bytes(data[at : at + 4], "big")


def _codecs(file: MediaFile) -> str:
    """As RFC 6381 has it: profile, constraints and level of the H.264 stand in its `avcC` box; the sound is AAC-LC."""
    data = file.read(0, file.length)
    box = data.index(b"avcC") + 4
    return f"avc1.{data[box + 1 : box + 4].hex()},mp4a.40.2"
