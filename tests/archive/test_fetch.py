"""Downloads from a host that does everything wrong."""

from typing import Any

import pytest
from aiohttp import web

from reelhook.archive import Fetcher
from reelhook.archive.errors import ContentChanged, FetchFailed, LinkExpired
from reelhook.archive.fetch import MOST_RESUMES
from reelhook.kit.http import guarded_session
from reelhook.kit.targets import Targets
from tests.archive.conftest import QuickClock
from tests.archive.fetching import DATA, failure, fetched
from tests.archive.host import Host, film, partial, status, whole


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


async def test_a_host_that_is_not_there_is_tried_again(fetcher: Fetcher, clock: QuickClock) -> None:
    async with guarded_session(("127.0.0.1:9",)) as session:
        gone = Fetcher(session, clock, fetcher.limits, Targets(("127.0.0.1:9",)))
        error = await failure(gone, "http://127.0.0.1:9/a.mp4?Signature=SECRET")
    assert "cannot be reached: " in error.message
    assert "None" not in error.message
    assert error.retryable


async def test_the_connection_is_closed_when_the_reader_leaves(fetcher: Fetcher, host: Host) -> None:
    async with fetcher.open(host.put("/a.mp4", whole(film(20_000_000))), "video") as download:
        await anext(download.chunks)
    assert fetcher.session.connector is not None
    assert not fetcher.session.connector._acquired
