"""HLS from the simulated Cloudinary, as a player asks for it."""

import re
from collections.abc import Iterator
from itertools import pairwise
from urllib.parse import urljoin

import pytest

from reelhook.simulators.clips import MEDIA, MediaFile, clip_names

from .scene import CloudinaryApi

CLIP = (MEDIA / "tour.mp4").read_bytes()


async def got(cloud: CloudinaryApi, url: str, **headers: str) -> tuple[int, bytes]:
    async with cloud.session.get(url, headers=headers) as response:
        if response.ok:
            assert response.headers["access-control-allow-origin"] == "*"
        return response.status, await response.read()


def addresses(playlist: str, at: str) -> list[str]:
    return [urljoin(at, line) for line in playlist.splitlines() if line and not line.startswith("#")]


def ranges(playlist: str) -> Iterator[tuple[int, int]]:
    """Start and end of the head and of each segment."""
    for length, start in re.findall(r'BYTERANGE[:=]"?(\d+)@(\d+)', playlist):
        yield int(start), int(start) + int(length)


@pytest.mark.parametrize("name", clip_names())
async def test_a_clip_is_streamed_in_two_qualities(cloud: CloudinaryApi, name: str) -> None:
    film = b"".join(MediaFile(f"{name}.mp4", "seed", 90_000).blocks())
    master = (await cloud.upload(film, public_id="a/b"))["playback_url"]
    status, body = await got(cloud, master)
    assert (status, body.decode().count("#EXT-X-STREAM-INF:BANDWIDTH=")) == (200, 2)
    small, large = addresses(body.decode(), master)
    assert re.findall(r"RESOLUTION=(\w+)", body.decode()) == ["320x180", "640x360"]
    for quality in (small, large):
        status, body = await got(cloud, quality)
        playlist = body.decode()
        assert sum(map(float, re.findall(r"#EXTINF:(.+),", playlist))) == pytest.approx(5.0, abs=0.1)
        [url] = set(addresses(playlist, quality))
        wanted = list(ranges(playlist))
        assert len(wanted) == 4
        assert all(one[1] == next_one[0] for one, next_one in pairwise(wanted)), "nothing is left out"
        parts = [await got(cloud, url, Range=f"bytes={start}-{end - 1}") for start, end in wanted]
        assert [status for status, _ in parts] == [206] * 4
        assert [part[4:8] for _, part in parts] == [b"ftyp", b"moof", b"moof", b"moof"]


async def test_what_cannot_be_streamed_is_refused_and_says_so(cloud: CloudinaryApi) -> None:
    strange = (await cloud.upload(CLIP[:-1], public_id="other"))["playback_url"]
    known = (await cloud.upload(CLIP, public_id="known"))["playback_url"]
    for url in (strange, known.replace("sp_auto", "sp_4k"), known.replace("sp_auto/", "")):
        async with cloud.session.get(url) as response:
            assert (response.status, "cannot be streamed" in response.headers["x-cld-error"]) == (400, True)


async def test_a_stream_may_still_be_made(cloud: CloudinaryApi) -> None:
    url = (await cloud.upload(CLIP, public_id="x"))["playback_url"]
    await cloud.arm("still_processing", on="delivery", target="sp_auto")
    assert [(await got(cloud, url))[0] for _ in range(2)] == [423, 200]
