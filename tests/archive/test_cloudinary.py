"""Cloudinary through its own SDK, against the simulator: kept whole, verified, and safe to send again."""

import pytest

from reelhook.archive import Fetcher
from reelhook.archive.errors import NotVerified, PlanLimit, StoreRefused, StoreUnavailable
from reelhook.archive.stores import cloudinary_relay
from reelhook.archive.stores.cloudinary import CloudinaryStore
from tests.archive.cloud import NAME, Cloud, keep, refused
from tests.archive.conftest import QuickClock
from tests.archive.host import Host, clip, film, md5, sha256, whole
from tests.archive.memory import VIDEO_ID, Memory

pytestmark = pytest.mark.usefixtures("parts_begin_early")


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
