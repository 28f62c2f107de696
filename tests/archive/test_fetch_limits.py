"""Downloads that are too large, too slow, or say nothing."""

import asyncio

import aiohttp
import pytest
from aiohttp import web

from reelhook.archive import Fetcher, Limits
from reelhook.archive.errors import TooLarge, TooSlow
from reelhook.kit.targets import Targets
from tests.archive.conftest import QuickClock
from tests.archive.fetching import DATA, failure, fetched
from tests.archive.host import Host, whole


async def test_a_file_too_large_by_its_own_word_is_not_read(session: aiohttp.ClientSession, host: Host) -> None:
    small = Fetcher(session, QuickClock(), Limits(total_s=60, most_bytes=2_999_999), Targets((host.address,)))
    error = await failure(small, host.put("/a.mp4", whole(DATA)))
    assert isinstance(error, TooLarge)
    assert not error.retryable
    assert "2999999 bytes (REELHOOK_VIDEO_MAX_BYTES)" in error.message


async def test_a_file_that_turns_out_too_large_is_stopped(session: aiohttp.ClientSession, host: Host) -> None:
    small = Fetcher(session, QuickClock(), Limits(total_s=60, most_bytes=1_000_000), Targets((host.address,)))
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

    impatient = Fetcher(
        session, clock, Limits(total_s=600, most_bytes=50_000_000, stall_s=0.2), Targets((host.address,))
    )
    assert await fetched(impatient, host.put("/a.mp4", silent, whole(DATA))) == DATA


async def test_a_host_that_never_says_anything_is_given_up(
    session: aiohttp.ClientSession, host: Host, clock: QuickClock
) -> None:
    async def silent(_: web.Request) -> web.StreamResponse:
        await asyncio.Event().wait()
        raise AssertionError

    impatient = Fetcher(
        session, clock, Limits(total_s=600, most_bytes=50_000_000, stall_s=0.1), Targets((host.address,))
    )
    error = await failure(impatient, host.put("/a.mp4", silent))
    assert "sent nothing for too long" in error.message
    assert error.retryable
