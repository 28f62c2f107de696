"""Cloudinary through its own SDK, against the simulator: kept whole, verified, and safe to send again."""

import asyncio
from typing import Any

import pytest

from reelhook.archive import CloudinaryStore, Fetcher
from reelhook.archive.errors import (
    NotVerified,
    PlanLimit,
    StoreRefused,
    StoreUnavailable,
)
from reelhook.archive.stores import cloudinary_relay
from reelhook.errors import ReelhookError
from tests.archive.cloud import NAME, Cloud, keep, refused
from tests.archive.conftest import QuickClock
from tests.archive.host import Host, clip, film, md5, sha256, whole
from tests.archive.memory import VIDEO_ID, Memory
from tests.conftest import eventually


@pytest.fixture(autouse=True)
def parts_begin_early(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is true of parts is shown with films that are quick to make."""
    monkeypatch.setattr(cloudinary_relay, "ONE_REQUEST", cloudinary_relay.PART)


async def test_a_short_film_goes_in_one_request(
    fetcher: Fetcher, store: CloudinaryStore, cloud: Cloud, host: Host
) -> None:
    data, memory = film(2_000_000), Memory()
    stored = await keep(fetcher, store, host.put("/a.mp4", whole(data)), memory)
    asset = (await cloud.assets())[NAME]
    assert (asset["bytes"], asset["sha256"]) == (len(data), sha256(data))
    assert stored.location == f"video/{NAME}"
    assert (stored.bytes, stored.sha256, stored.md5) == (len(data), sha256(data), md5(data))
    assert (stored.content_type, stored.verified) == ("video/mp4", "digest")
    assert stored.url is not None
    assert await cloud.get(stored.url) == data
    assert memory.states == []


async def test_the_poster_is_made_by_cloudinary_and_versioned(
    fetcher: Fetcher, store: CloudinaryStore, cloud: Cloud, host: Host
) -> None:
    stored = await keep(fetcher, store, host.put("/a.mp4", whole(clip("tour.mp4"))))
    version = (await cloud.assets())[NAME]["version"]
    assert stored.poster_url is not None
    assert stored.poster_url.endswith(f"/video/upload/c_limit,q_auto,so_auto,w_1280/v{version}/{NAME}.jpg")
    assert (await cloud.get(stored.poster_url)).startswith(b"\xff\xd8\xff")


async def test_a_long_film_goes_in_parts_under_one_upload_id(
    fetcher: Fetcher, store: CloudinaryStore, cloud: Cloud, host: Host
) -> None:
    data, memory = film(25_000_000), Memory()
    stored = await keep(fetcher, store, host.put("/a.mp4", whole(data)), memory)
    assert (await cloud.assets())[NAME]["sha256"] == sha256(data) == stored.sha256
    assert [state["sent"] for state in memory.states] == [0, 6_000_000, 12_000_000, 18_000_000, 24_000_000]
    assert len({state["id"] for state in memory.states}) == 1


@pytest.mark.parametrize(("size", "parts"), [(20_000_000, 0), (20_000_001, 3)])
async def test_up_to_twenty_megabytes_one_request_is_enough(
    fetcher: Fetcher, store: CloudinaryStore, host: Host, monkeypatch: pytest.MonkeyPatch, size: int, parts: int
) -> None:
    monkeypatch.setattr(cloudinary_relay, "ONE_REQUEST", 20_000_000)
    memory = Memory()
    stored = await keep(fetcher, store, host.put("/a.mp4", whole(film(size))), memory)
    assert stored.bytes == size
    assert len([state for state in memory.states if state and state["sent"]]) == parts


@pytest.mark.parametrize("size", [6_000_000, 12_000_000])
async def test_a_whole_number_of_parts_has_no_empty_last_one(
    fetcher: Fetcher, store: CloudinaryStore, cloud: Cloud, host: Host, size: int
) -> None:
    await keep(fetcher, store, host.put("/a.mp4", whole(film(size))))
    assert (await cloud.assets())[NAME]["sha256"] == sha256(film(size))


@pytest.mark.parametrize(
    ("name", "role", "kind"),
    [
        ("tour.jpg", "poster", "image"),
        ("tour.gif", "gif", "image"),
        ("tour.mp4", "gif", "video"),
        ("tour.srt", "captions", "raw"),
        ("tour.captioned.mp4", "captioned", "video"),
    ],
)
async def test_every_role_has_its_kind(
    fetcher: Fetcher, store: CloudinaryStore, cloud: Cloud, host: Host, name: str, role: str, kind: str
) -> None:
    stored = await keep(fetcher, store, host.put("/x", whole(clip(name))), role=role)
    asset = (await cloud.assets())[f"reelhook/{VIDEO_ID}/{role}"]
    assert (asset["resource_type"], asset["md5"]) == (kind, md5(clip(name)))
    assert stored.location == f"{kind}/reelhook/{VIDEO_ID}/{role}"
    assert stored.poster_url is None


async def test_sending_it_again_finds_it_there(
    fetcher: Fetcher, store: CloudinaryStore, cloud: Cloud, host: Host
) -> None:
    url = host.put("/a.mp4", whole(film()))
    first = await keep(fetcher, store, url)
    assert await keep(fetcher, store, url) == first


@pytest.mark.parametrize("fault", ["drop", "drop_after", "error_after", "unavailable", "server_error", "bad_gateway"])
async def test_an_unknown_outcome_is_sent_again_in_the_same_attempt(
    fetcher: Fetcher, store: CloudinaryStore, cloud: Cloud, host: Host, fault: str
) -> None:
    await cloud.arm(fault, times=2)
    stored = await keep(fetcher, store, host.put("/a.mp4", whole(film())))
    assert await cloud.struck() == [2]
    assert stored.sha256 == (await cloud.assets())[NAME]["sha256"]


@pytest.mark.parametrize("part", ["bytes 0-", "bytes 6000000-", "bytes 12000000-"])
@pytest.mark.parametrize("fault", ["drop", "drop_after"])
async def test_a_part_that_is_lost_is_sent_again_with_the_same_range(
    fetcher: Fetcher, store: CloudinaryStore, cloud: Cloud, host: Host, fault: str, part: str
) -> None:
    await cloud.arm(fault, target=part)
    stored = await keep(fetcher, store, host.put("/a.mp4", whole(film(13_000_000))))
    assert await cloud.struck() == [1]
    assert stored.sha256 == (await cloud.assets())[NAME]["sha256"]


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("unavailable", "Cloudinary answers 503: General Error"),
        ("server_error", "Cloudinary answers 500: General Error"),
        ("bad_gateway", "Cloudinary answers 502: "),
        ("still_processing", "Cloudinary answers 423: "),
        ("error_after", "Cloudinary: General Error"),
        ("drop", "Cloudinary did not answer: "),
    ],
)
async def test_trouble_that_stays_fails_the_attempt_and_is_tried_again(
    fetcher: Fetcher, store: CloudinaryStore, cloud: Cloud, host: Host, clock: QuickClock, fault: str, words: str
) -> None:
    await cloud.arm(fault, times=0)
    error = await refused(fetcher, store, host.put("/a.mp4", whole(film())))
    assert isinstance(error, StoreUnavailable)
    assert error.retryable
    assert error.message.startswith(words)
    assert await cloud.struck() == [3]
    assert 0 < sum(clock.slept) < 10


async def test_a_rate_limit_is_waited_for_outside_the_attempt(
    fetcher: Fetcher, store: CloudinaryStore, cloud: Cloud, host: Host
) -> None:
    await cloud.arm("rate_limited", times=0)
    error = await refused(fetcher, store, host.put("/a.mp4", whole(film())))
    assert (error.retryable, error.retry_after_s) == (True, 60)
    assert "rate limit" in error.message
    assert await cloud.struck() == [1]


async def test_the_next_attempt_sends_only_the_parts_that_are_missing(
    fetcher: Fetcher, store: CloudinaryStore, cloud: Cloud, host: Host
) -> None:
    data, memory = film(20_000_000), Memory()
    url = host.put("/a.mp4", whole(data))
    await cloud.arm("unavailable", target="bytes 12000000-", times=3)
    assert (await refused(fetcher, store, url, memory)).retryable
    assert memory.state["sent"] == 12_000_000
    await cloud.arm("drop", target="bytes 0-", times=0)
    await cloud.arm("drop", target="bytes 6000000-", times=0)
    stored = await keep(fetcher, store, url, memory)
    assert await cloud.struck() == [3, 0, 0]
    assert stored.sha256 == (await cloud.assets())[NAME]["sha256"] == sha256(data)


@pytest.mark.parametrize("other", [whole(film(20_000_000, "two"), etag='"two"'), whole(film(20_000_000), etag=None)])
async def test_a_file_that_cannot_be_told_to_be_the_same_begins_anew(
    fetcher: Fetcher, store: CloudinaryStore, cloud: Cloud, host: Host, other: Any
) -> None:
    memory = Memory()
    await cloud.arm("unavailable", target="bytes 12000000-", times=3)
    await refused(fetcher, store, host.put("/a.mp4", whole(film(20_000_000))), memory)
    first = memory.state["id"]
    stored = await keep(fetcher, store, host.put("/a.mp4", other), memory)
    assert memory.state["id"] != first
    assert stored.sha256 == (await cloud.assets())[NAME]["sha256"]


async def test_an_upload_that_cloudinary_forgot_begins_anew(
    fetcher: Fetcher, store: CloudinaryStore, cloud: Cloud, host: Host
) -> None:
    data, memory = film(20_000_000), Memory()
    url = host.put("/a.mp4", whole(data))
    await cloud.arm("unavailable", target="bytes 12000000-", times=3)
    await refused(fetcher, store, url, memory)
    memory.state = {**memory.state, "id": "forgotten"}
    error = await refused(fetcher, store, url, memory)
    assert "begins anew" in error.message
    assert (error.retryable, memory.state) == (True, None)
    assert (await keep(fetcher, store, url, memory)).sha256 == sha256(data)


async def test_a_no_to_a_part_that_may_be_there_already_begins_anew(
    fetcher: Fetcher, store: CloudinaryStore, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After an unknown outcome, a refusal may only mean that the upload was complete."""
    errors: list[ReelhookError] = [StoreUnavailable("lost"), StoreRefused("no such upload")]

    async def fail(*_: object, **__: object) -> Any:
        raise errors.pop(0)

    monkeypatch.setattr(store._api, "upload", fail)
    error = await refused(fetcher, store, host.put("/a.mp4", whole(film(7_000_000))))
    assert error.retryable
    assert "begins anew: no such upload" in error.message


async def test_an_attempt_that_died_after_the_last_part_finds_the_file(
    fetcher: Fetcher, store: CloudinaryStore, cloud: Cloud, host: Host
) -> None:
    """Stored, but the answer never came: the process ended. The same file again is `existing`."""
    data = film(13_000_000)
    url = host.put("/a.mp4", whole(data))
    first = await keep(fetcher, store, url, Memory())
    assert await keep(fetcher, store, url, Memory()) == first


async def test_an_early_whole_answer_ends_the_sending(
    fetcher: Fetcher, store: CloudinaryStore, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cloudinary may tell at the first part that the file is there already; the rest is read for its digest only."""
    data = film(20_000_000)
    url = host.put("/a.mp4", whole(data))
    first = await keep(fetcher, store, url)
    whole_answer = await store._api.upload(("x", b"?"), "video", public_id=NAME, overwrite=False)
    sent = 0

    async def existing(*_: object, **__: object) -> Any:
        nonlocal sent
        sent += 1
        return whole_answer

    monkeypatch.setattr(store._api, "upload", existing)
    assert await keep(fetcher, store, url) == first
    assert sent == 1


async def test_a_large_image_is_not_sent_in_parts(
    fetcher: Fetcher, store: CloudinaryStore, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cloudinary_relay, "ONE_REQUEST", 10_000)
    with pytest.raises(PlanLimit, match="takes images in one piece"):
        await keep(fetcher, store, host.put("/a.jpg", whole(clip("tour.jpg"))), role="poster")


async def test_a_long_film_of_unknown_length_cannot_be_sent(
    fetcher: Fetcher, store: CloudinaryStore, host: Host
) -> None:
    url = host.put("/a.mp4", whole(film(13_000_000), chunked=True))
    error = await refused(fetcher, store, url)
    assert isinstance(error, StoreRefused)
    assert "does not say how long" in error.message


async def test_a_short_film_of_unknown_length_can(fetcher: Fetcher, store: CloudinaryStore, host: Host) -> None:
    stored = await keep(fetcher, store, host.put("/a.mp4", whole(film(), chunked=True)))
    assert stored.sha256 == sha256(film())


async def test_deleting_removes_it_once_and_twice(
    fetcher: Fetcher, store: CloudinaryStore, cloud: Cloud, host: Host
) -> None:
    stored = await keep(fetcher, store, host.put("/a.mp4", whole(film())))
    await store.delete(stored.location)
    assert await cloud.assets() == {}
    await store.delete(stored.location)


@pytest.mark.parametrize("location", ["", "video", "video/", "film/x", "../x"])
async def test_what_is_no_location_is_refused(store: CloudinaryStore, location: str) -> None:
    with pytest.raises(StoreRefused, match="is not a location"):
        await store.delete(location)


async def test_a_delete_that_fails_is_tried_again(store: CloudinaryStore, cloud: Cloud) -> None:
    await cloud.arm("unavailable", on="admin")
    with pytest.raises(StoreUnavailable):
        await store.delete("video/x")


async def test_the_doctor_tries_it_and_cleans_up(store: CloudinaryStore, cloud: Cloud) -> None:
    await store.check()
    assert await cloud.assets() == {}


async def test_the_doctor_sees_wrong_bytes(store: CloudinaryStore, cloud: Cloud) -> None:
    await cloud.arm("truncated", bytes=3)
    with pytest.raises(NotVerified, match="other than what was sent"):
        await store.check()
    assert await cloud.assets() == {}


async def test_a_cancelled_attempt_is_continued_by_the_next(
    fetcher: Fetcher, store: CloudinaryStore, cloud: Cloud, host: Host
) -> None:
    """The worker stops while a part is under way: the thread ends by itself, and what it did is not done twice."""
    data, memory = film(20_000_000), Memory()
    url = host.put("/a.mp4", whole(data))
    await cloud.arm("delay", target="bytes 6000000-", seconds=0.5)
    task = asyncio.create_task(keep(fetcher, store, url, memory))
    await eventually(lambda: bool(memory.state) and memory.state["sent"] == 6_000_000, what="the first part")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await cloud.arm("drop", target="bytes 0-", times=0)
    assert (await keep(fetcher, store, url, memory)).sha256 == (await cloud.assets())[NAME]["sha256"] == sha256(data)
