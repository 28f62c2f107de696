"""What a file is, told by its first bytes."""

import asyncio

import pytest
from aiohttp import web

from reelhook.archive import Fetcher
from reelhook.archive.errors import NotMedia
from tests.archive.fetching import failure, fetched
from tests.archive.host import Host, clip, status


@pytest.mark.parametrize(
    ("body", "role", "words"),
    [
        (b"", "video", "it is empty"),
        (b"<!DOCTYPE html><p>Please wait", "video", "it is a web page"),
        (b"\n <HTML>", "captions", "it is a web page"),
        (b'<?xml version="1.0"?><Error>', "video", "it is a web page"),
        (b"x", "video", "of no known media"),
        (b"\x1f\x8b\x08" + bytes(100), "video", "of no known media"),
        (clip("tour.jpg"), "video", "it is image/jpeg"),
        (clip("tour.mp4"), "poster", "it is video/mp4"),
        (clip("tour.mp4"), "captions", "it is video/mp4"),
    ],
)
async def test_what_is_not_the_file_is_refused_by_its_bytes(
    fetcher: Fetcher, host: Host, body: bytes, role: str, words: str
) -> None:
    """Whatever its Content-Type says."""
    error = await failure(fetcher, host.put("/a", status(200, body, Content_Type="video/mp4")), role)
    assert isinstance(error, NotMedia)
    assert words in error.message


@pytest.mark.parametrize(
    ("body", "role", "kind"),
    [
        (clip("tour.mp4"), "video", "video/mp4"),
        (clip("tour.captioned.mp4"), "captioned", "video/mp4"),
        (b"\x00\x00\x00\x14ftypqt  " + bytes(600), "video", "video/quicktime"),
        (b"\x1aE\xdf\xa3" + bytes(600), "video", "video/webm"),
        (clip("tour.jpg"), "poster", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n" + bytes(600), "poster", "image/png"),
        (b"RIFF\x10\x00\x00\x00WEBPVP8 " + bytes(600), "poster", "image/webp"),
        (clip("tour.gif"), "gif", "image/gif"),
        (b"GIF87a" + bytes(600), "gif", "image/gif"),
        (clip("tour.mp4"), "gif", "video/mp4"),
        (clip("tour.srt"), "captions", "application/x-subrip"),
        (clip("tour.vtt"), "captions", "text/vtt"),
        (b"\xef\xbb\xbfWEBVTT\n", "captions", "text/vtt"),
        (b"\xef\xbb\xbf[Script Info]\nTitle: x", "captions", "text/x-ssa"),
        (b"1\r\n00:00:00,000 --> 00:00:01,000\r\nHi", "captions", "application/x-subrip"),
    ],
)
async def test_a_file_is_known_by_its_first_bytes(
    fetcher: Fetcher, host: Host, body: bytes, role: str, kind: str
) -> None:
    async with fetcher.open(host.put("/a", status(200, body, Content_Type="text/html")), role) as download:
        assert download.content_type == kind


async def test_first_bytes_that_trickle_in_are_waited_for(fetcher: Fetcher, host: Host) -> None:
    async def trickle(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for at in range(20):
            await response.write(clip("tour.mp4")[at : at + 1])
            await asyncio.sleep(0)
        await response.write(clip("tour.mp4")[20:])
        await response.write_eof()
        return response

    assert await fetched(fetcher, host.put("/a.mp4", trickle)) == clip("tour.mp4")
