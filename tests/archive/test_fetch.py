"""Downloads from a host that does everything wrong."""

import asyncio
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from reelhook.archive import Fetcher, Limits
from reelhook.archive.errors import (
    ContentChanged,
    FetchFailed,
    LinkExpired,
    NotMedia,
    SourceRefused,
    TooLarge,
    TooSlow,
)
from reelhook.archive.fetch import MOST_REDIRECTS, MOST_RESUMES, source_name
from reelhook.errors import ReelhookError
from reelhook.kit.http import guarded_session
from tests.archive.conftest import QuickClock
from tests.archive.host import Host, clip, film, partial, status, whole

DATA = film(3_000_000)


async def fetched(fetcher: Fetcher, url: str, role: str = "video") -> bytes:
    async with fetcher.open(url, role) as download:
        data = b"".join([piece async for piece in download.chunks])
        assert download.length in (None, len(data))
        return data


async def failure(fetcher: Fetcher, url: str, role: str = "video") -> ReelhookError:
    with pytest.raises(ReelhookError) as caught:
        await fetched(fetcher, url, role)
    assert "SECRET" not in caught.value.message
    assert "?" not in caught.value.message
    return caught.value


async def test_a_file_comes_in_with_what_the_host_says_of_it(fetcher: Fetcher, host: Host) -> None:
    seen: list[tuple[int, int | None]] = []
    url = host.put("/a.mp4", whole(DATA))
    async with fetcher.open(url, "video", lambda *told: seen.append(told)) as download:
        assert (download.length, download.etag, download.content_type) == (len(DATA), '"one"', "video/mp4")
        assert download.url == url
        pieces = [piece async for piece in download.chunks]
    assert b"".join(pieces) == DATA
    assert max(map(len, pieces)) <= 512 * 1024
    assert seen[-1] == (len(DATA), len(DATA))
    assert host.requests[0].headers["Accept-Encoding"] == "identity"
    assert {"X-Api-Key", "Authorization", "Cookie", "Range"}.isdisjoint(host.requests[0].headers)


async def test_a_line_that_drops_is_picked_up_where_it_dropped(fetcher: Fetcher, host: Host, clock: QuickClock) -> None:
    url = host.put("/a.mp4", whole(DATA, most=1_000_000), whole(DATA, most=100_000), whole(DATA))
    assert await fetched(fetcher, url) == DATA
    first, second, third = host.requests
    assert "Range" not in first.headers
    assert second.headers["If-Range"] == third.headers["If-Range"] == '"one"'
    assert 0 < int(second.headers["Range"][6:-1]) < int(third.headers["Range"][6:-1]) < len(DATA)
    assert len(clock.slept) == 2


async def test_a_host_without_ranges_sends_it_again_and_what_is_here_is_passed_over(
    fetcher: Fetcher, host: Host
) -> None:
    url = host.put("/a.mp4", whole(DATA, most=1_000_000), whole(DATA, ranges=False))
    assert await fetched(fetcher, url) == DATA


async def test_a_range_that_starts_earlier_is_fitted_in(fetcher: Fetcher, host: Host) -> None:
    url = host.put(
        "/a.mp4",
        whole(DATA, most=1_000_000),
        partial(f"bytes 100-{len(DATA) - 1}/{len(DATA)}", DATA[100:], etag=None),
    )
    assert await fetched(fetcher, url) == DATA


@pytest.mark.parametrize(
    "second",
    [
        whole(DATA, etag='"two"'),
        whole(film(3_000_000, "two"), etag='"two"', ranges=False),
        whole(DATA, etag=None, ranges=False),
        whole(DATA[:-1], ranges=False),
        partial("bytes 2999999-2999999/3000000", b"x"),
        partial("bytes 5-9/10", b"x"),
        partial("who knows", b"x"),
        partial(f"bytes 5-{len(DATA) - 1}/{len(DATA)}", DATA[5:], etag='"two"'),
        status(416),
    ],
)
async def test_a_file_that_became_another_is_not_mixed_with_the_first(
    fetcher: Fetcher, host: Host, second: Any
) -> None:
    error = await failure(fetcher, host.put("/a.mp4", whole(DATA, most=1_000_000), second))
    assert isinstance(error, ContentChanged)
    assert error.retryable


async def test_without_an_etag_nothing_is_resumed(fetcher: Fetcher, host: Host) -> None:
    error = await failure(fetcher, host.put("/a.mp4", whole(DATA, etag=None, most=1_000_000)))
    assert "no ETag to resume by" in error.message
    assert error.retryable
    assert host.asked("/a.mp4") == 1


async def test_a_weak_etag_does_not_count(fetcher: Fetcher, host: Host) -> None:
    error = await failure(fetcher, host.put("/a.mp4", whole(DATA, etag='W/"one"', most=1_000_000)))
    assert "no ETag" in error.message


async def test_a_line_that_drops_again_and_again_is_given_up(fetcher: Fetcher, host: Host, clock: QuickClock) -> None:
    error = await failure(fetcher, host.put("/a.mp4", whole(DATA, most=65536)))
    assert isinstance(error, FetchFailed)
    assert error.retryable
    assert host.asked("/a.mp4") == MOST_RESUMES + 1
    assert sum(clock.slept) < 20


async def test_progress_between_the_drops_begins_the_count_anew(fetcher: Fetcher, host: Host) -> None:
    data = film(12_000_000)
    url = host.put("/a.mp4", *[whole(data, most=1_100_000)] * 8, whole(data))
    assert await fetched(fetcher, url) == data
    assert host.asked("/a.mp4") > MOST_RESUMES + 1


async def test_a_file_shorter_than_announced_is_fetched_to_its_end(fetcher: Fetcher, host: Host) -> None:
    async def short(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"ETag": '"one"', "Content-Length": str(len(DATA))})
        await response.prepare(request)
        await response.write(DATA[:2_000_000])
        assert request.transport is not None
        request.transport.close()
        return response

    assert await fetched(fetcher, host.put("/a.mp4", short, whole(DATA))) == DATA


async def test_a_resumed_answer_that_is_shorter_than_the_rest_is_resumed_again(fetcher: Fetcher, host: Host) -> None:
    async def slice_of(request: web.Request) -> web.StreamResponse:
        start = int(request.headers["Range"][6:-1])
        return await partial(f"bytes {start}-{start + 9}/{len(DATA)}", DATA[start : start + 10])(request)

    assert await fetched(fetcher, host.put("/a.mp4", whole(DATA, most=1_000_000), slice_of, whole(DATA))) == DATA


async def test_a_length_that_is_not_told_is_taken_as_it_comes(fetcher: Fetcher, host: Host) -> None:
    assert await fetched(fetcher, host.put("/a.mp4", whole(DATA, chunked=True))) == DATA


@pytest.mark.parametrize("code", [401, 403, 404, 410])
async def test_a_link_that_does_not_open_is_expired(fetcher: Fetcher, host: Host, code: int) -> None:
    error = await failure(fetcher, host.put("/a.mp4", status(code)))
    assert isinstance(error, LinkExpired)
    assert error.retryable


async def test_a_link_that_expires_midway_is_expired(fetcher: Fetcher, host: Host) -> None:
    error = await failure(fetcher, host.put("/a.mp4", whole(DATA, most=1_000_000), status(403)))
    assert isinstance(error, LinkExpired)


@pytest.mark.parametrize("code", [400, 418, 429, 500, 503, 206, 304, 302])
async def test_another_status_is_tried_again(fetcher: Fetcher, host: Host, code: int) -> None:
    error = await failure(fetcher, host.put("/a.mp4", status(code)))
    assert type(error) is FetchFailed
    assert error.retryable
    assert f"answers {code}" in error.message


async def test_the_host_says_when_to_come_back(fetcher: Fetcher, host: Host) -> None:
    assert (await failure(fetcher, host.put("/a", status(503, Retry_After="7")))).retry_after_s == 7
    assert (await failure(fetcher, host.put("/b", status(503, Retry_After="Sunday")))).retry_after_s is None


async def test_trouble_at_a_resume_is_one_more_drop(fetcher: Fetcher, host: Host) -> None:
    assert await fetched(fetcher, host.put("/a.mp4", whole(DATA, most=1_000_000), status(503), whole(DATA))) == DATA


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


async def test_a_file_too_large_by_its_own_word_is_not_read(session: aiohttp.ClientSession, host: Host) -> None:
    small = Fetcher(session, QuickClock(), Limits(total_s=60, most_bytes=2_999_999))
    error = await failure(small, host.put("/a.mp4", whole(DATA)))
    assert isinstance(error, TooLarge)
    assert not error.retryable
    assert "2999999 bytes (REELHOOK_VIDEO_MAX_BYTES)" in error.message


async def test_a_file_that_turns_out_too_large_is_stopped(session: aiohttp.ClientSession, host: Host) -> None:
    small = Fetcher(session, QuickClock(), Limits(total_s=60, most_bytes=1_000_000))
    async with small.open(host.put("/a.mp4", whole(DATA, chunked=True)), "video") as download:
        with pytest.raises(TooLarge):
            [piece async for piece in download.chunks]


async def test_a_download_ends_at_its_time_limit(fetcher: Fetcher, host: Host, clock: QuickClock) -> None:
    async with fetcher.open(host.put("/a.mp4", whole(DATA)), "video") as download:
        clock.move(601)
        with pytest.raises(TooSlow, match="600 s") as caught:
            [piece async for piece in download.chunks]
    assert caught.value.retryable


async def test_a_host_that_falls_silent_is_left_and_asked_again(
    session: aiohttp.ClientSession, host: Host, clock: QuickClock
) -> None:
    async def silent(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"ETag": '"one"', "Content-Length": str(len(DATA))})
        await response.prepare(request)
        await response.write(DATA[:100_000])
        await asyncio.Event().wait()
        return response

    impatient = Fetcher(session, clock, Limits(total_s=600, most_bytes=50_000_000, stall_s=0.2))
    assert await fetched(impatient, host.put("/a.mp4", silent, whole(DATA))) == DATA


async def test_a_host_that_never_says_anything_is_given_up(
    session: aiohttp.ClientSession, host: Host, clock: QuickClock
) -> None:
    async def silent(_: web.Request) -> web.StreamResponse:
        await asyncio.Event().wait()
        raise AssertionError

    impatient = Fetcher(session, clock, Limits(total_s=600, most_bytes=50_000_000, stall_s=0.1))
    error = await failure(impatient, host.put("/a.mp4", silent))
    assert "sent nothing for too long" in error.message
    assert error.retryable


async def test_a_host_that_is_not_there_is_tried_again(fetcher: Fetcher, clock: QuickClock) -> None:
    async with guarded_session(("127.0.0.1:9",)) as session:
        gone = Fetcher(session, clock, fetcher.limits)
        error = await failure(gone, "http://127.0.0.1:9/a.mp4?Signature=SECRET")
    assert "cannot be reached: " in error.message
    assert error.retryable


async def test_five_redirects_are_followed(fetcher: Fetcher, host: Host) -> None:
    host.put("/0", whole(DATA))
    for number in range(1, MOST_REDIRECTS + 2):
        host.put(f"/{number}", status(302, Location=f"/{number - 1}?Signature=SECRET"))
    assert await fetched(fetcher, f"{host.url}/{MOST_REDIRECTS}") == DATA
    error = await failure(fetcher, f"{host.url}/{MOST_REDIRECTS + 1}")
    assert "redirects more than 5 times" in error.message


async def test_a_redirect_in_a_circle_is_left(fetcher: Fetcher, host: Host) -> None:
    error = await failure(fetcher, host.put("/a", status(302, Location="/a?Signature=SECRET")))
    assert "redirects more than 5 times" in error.message
    assert error.retryable


@pytest.mark.parametrize("target", ["http://127.0.0.1:1/x", "http://[::1]:1/x", "http://169.254.169.254/x"])
async def test_a_redirect_to_the_inside_is_refused_with_the_reason(fetcher: Fetcher, host: Host, target: str) -> None:
    error = await failure(fetcher, host.put("/a", status(302, Location=f"{target}?Signature=SECRET")))
    assert isinstance(error, SourceRefused)
    assert (error.code, error.retryable) == ("address_refused", False)
    assert "is not a public address" in error.message


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/a.mp4", "http://10.0.0.1/a.mp4", "http://[::ffff:10.0.0.1]/a.mp4"])
async def test_a_link_to_the_inside_is_refused(fetcher: Fetcher, url: str) -> None:
    assert (await failure(fetcher, f"{url}?Signature=SECRET")).code == "address_refused"


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://h/a", "http://", "no link", "http://2130706433/a.mp4"])
async def test_a_link_that_is_no_http_address_is_refused(fetcher: Fetcher, url: str) -> None:
    error = await failure(fetcher, f"{url}?Signature=SECRET")
    assert error.code == "address_refused"


async def test_a_redirect_to_a_file_is_refused(fetcher: Fetcher, host: Host) -> None:
    error = await failure(fetcher, host.put("/a", status(302, Location="file:///etc/passwd?Signature=SECRET")))
    assert isinstance(error, SourceRefused)


async def test_the_connection_is_closed_when_the_reader_leaves(fetcher: Fetcher, host: Host) -> None:
    async with fetcher.open(host.put("/a.mp4", whole(film(20_000_000))), "video") as download:
        await anext(download.chunks)
    assert fetcher.session.connector is not None
    assert not fetcher.session.connector._acquired


def test_a_link_is_named_without_its_secrets() -> None:
    assert source_name("https://me:secret@h.example/a.mp4?Signature=x#y") == "https://h.example/a.mp4"
