"""Signed links, and everything that can go wrong with a download."""

import hashlib

import aiohttp
import pytest

from .scene import HeyGenApi


async def fetched(heygen: HeyGenApi, url: str, **headers: str) -> tuple[int, bytes]:
    async with heygen.session.get(url, headers=headers, allow_redirects=False) as response:
        return response.status, await response.read()


async def video_url(heygen: HeyGenApi, video_id: str) -> str:
    url: str = (await heygen.finished(video_id))["video_url"]
    return url


async def test_every_get_gives_a_fresh_link_and_an_expired_one_answers_403(heygen: HeyGenApi) -> None:
    await heygen.plan(link_ttl_s=-1)
    video_id = await heygen.create()
    expired = await video_url(heygen, video_id)
    assert expired != await video_url(heygen, video_id)
    assert (await fetched(heygen, expired))[0] == 403
    assert {"Expires", "Signature", "Key-Pair-Id"} == {
        part.partition("=")[0] for part in expired.split("?")[1].split("&")
    }


async def test_a_link_cannot_be_forged(heygen: HeyGenApi) -> None:
    url = await video_url(heygen, await heygen.create())
    assert (await fetched(heygen, url))[0] == 200
    assert (await fetched(heygen, url.replace("Expires=", "Expires=9")))[0] == 403
    assert (await fetched(heygen, url.replace("Signature=", "Signature=A")))[0] == 403
    assert (await fetched(heygen, url.partition("?")[0]))[0] == 403


async def test_first_downloads_answer_403_and_the_link_of_the_next_get_works(heygen: HeyGenApi) -> None:
    await heygen.plan(first_downloads_403=1)
    video_id = await heygen.create()
    first, second = await video_url(heygen, video_id), await video_url(heygen, video_id)
    assert (await fetched(heygen, first))[0] == 403
    assert (await fetched(heygen, first))[0] == 403
    assert (await fetched(heygen, second))[0] == 200


async def read_into(film: bytearray, response: aiohttp.ClientResponse) -> None:
    async for piece in response.content.iter_any():
        film += piece


async def test_a_dropped_download_is_resumed_by_range(heygen: HeyGenApi) -> None:
    await heygen.plan(bytes=3_000_000, faults=[{"kind": "drop", "bytes": 1_000_000}])
    video_id = await heygen.create()
    url = await video_url(heygen, video_id)
    film = bytearray()
    async with heygen.session.get(url) as response:
        etag = response.headers["etag"]
        assert response.headers["content-length"] == "3000000"
        with pytest.raises(aiohttp.ClientPayloadError):
            await read_into(film, response)
    assert len(film) == 1_000_000
    status, rest = await fetched(heygen, url, **{"Range": f"bytes={len(film)}-", "If-Range": etag})
    assert status == 206
    truth = (await heygen.truth(video_id))["media"]["video"]
    assert hashlib.sha256(film + rest).hexdigest() == truth["sha256"]


@pytest.mark.parametrize(
    ("asked", "status", "length"),
    [
        ("bytes=0-99", 206, 100),
        ("bytes=100-", 206, 79_900),
        ("bytes=-500", 206, 500),
        ("bytes=79999-200000", 206, 1),
        ("bytes=-0", 416, 0),
        ("bytes=80000-", 416, 0),
        ("bytes=9-3", 416, 0),
        ("pages=1-2", 200, 80_000),
    ],
)
async def test_ranges(heygen: HeyGenApi, asked: str, status: int, length: int) -> None:
    await heygen.plan(bytes=80_000)
    url = await video_url(heygen, await heygen.create())
    _, whole = await fetched(heygen, url)
    got = await fetched(heygen, url, Range=asked)
    assert (got[0], len(got[1])) == (status, length)
    assert got[1] in whole


async def test_a_range_of_another_version_is_answered_whole(heygen: HeyGenApi) -> None:
    url = await video_url(heygen, await heygen.create())
    assert (await fetched(heygen, url, **{"Range": "bytes=5-", "If-Range": '"other"'}))[0] == 200


@pytest.mark.parametrize(
    ("kind", "status", "length"),
    [
        ("forbidden", 403, None), ("not_found", 404, 0), ("server_error", 503, 0), ("html", 200, None),
        ("empty", 200, 0), ("redirect_loop", 302, 0), ("truncated", 200, 79_990), ("wrong_type", 200, 80_000),
        ("text", 200, 12),
    ],
)  # fmt: skip
async def test_a_fault_strikes_once_and_then_all_is_well(
    heygen: HeyGenApi, kind: str, status: int, length: int | None
) -> None:
    await heygen.plan(bytes=80_000)
    video_id = await heygen.create()
    await heygen.arm(kind, target=f"{video_id}/video", bytes=10)
    url = await video_url(heygen, video_id)
    got = await fetched(heygen, url)
    assert got[0] == status
    assert length in (None, len(got[1]))
    status, film = await fetched(heygen, url)
    assert (status, len(film)) == (200, 80_000)


async def test_a_redirect_leads_where_it_was_told(heygen: HeyGenApi) -> None:
    url = await video_url(heygen, await heygen.create())
    await heygen.arm("redirect", url="http://169.254.169.254/latest")
    async with heygen.session.get(url, allow_redirects=False) as response:
        assert response.headers["location"] == "http://169.254.169.254/latest"


async def test_a_slow_link_is_slow(heygen: HeyGenApi) -> None:
    url = await video_url(heygen, await heygen.create())
    await heygen.arm("slow", bytes_per_s=10_000)
    async with heygen.session.get(url) as response:
        assert len(await response.content.readany()) <= 10_000


async def test_all_files_of_a_render_are_downloadable(heygen: HeyGenApi) -> None:
    await heygen.plan(gif=True, captions=True, clip="tour")
    video_id = await heygen.create()
    video, truth = await heygen.finished(video_id), (await heygen.truth(video_id))["media"]
    names = {
        "video_url": "video", "captioned_video_url": "captioned", "gif_url": "gif", "thumbnail_url": "thumbnail",
        "subtitle_url": "subtitle",
    }  # fmt: skip
    for field, name in names.items():
        status, content = await fetched(heygen, video[field])
        assert (status, hashlib.sha256(content).hexdigest()) == (200, truth[name]["sha256"]), name
    assert video["duration"] == pytest.approx(5.0, abs=0.1)


async def test_no_two_videos_have_the_same_bytes(heygen: HeyGenApi) -> None:
    await heygen.control("POST", "/plans", {"default": {"clip": "tour"}})
    one, two = await heygen.create(), await heygen.create()
    assert (await heygen.truth(one))["media"]["video"]["md5"] != (await heygen.truth(two))["media"]["video"]["md5"]
