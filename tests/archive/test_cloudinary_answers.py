"""Whether what Cloudinary says is believed: other bytes, wrong signatures, refusals, the limits of the plan."""

from dataclasses import replace

import pytest

from reelhook.archive import Account, Fetcher
from reelhook.archive.errors import NotVerified, OtherBytes, OtherBytesAgain, PlanLimit, StoreRefused, StoreUnauthorized
from reelhook.archive.stores.cloudinary import CloudinaryStore
from reelhook.errors import Blame
from tests.archive.cloud import NAME, Cloud, keep, refused
from tests.archive.conftest import QuickClock
from tests.archive.host import Host, film, sha256, status, whole
from tests.archive.memory import Memory

pytestmark = pytest.mark.usefixtures("parts_begin_early")


async def test_another_file_under_our_name_is_replaced_by_the_next_try(
    fetcher: Fetcher, store: CloudinaryStore, cloud: Cloud, host: Host
) -> None:
    memory = Memory()
    await keep(fetcher, store, host.put("/other.mp4", whole(film(seed="other"))))
    url = host.put("/a.mp4", whole(film(13_000_000)))
    error = await refused(fetcher, store, url, memory)
    assert isinstance(error, OtherBytes)
    assert (error.retryable, memory.state) == (True, {"replace": True})
    stored = await keep(fetcher, store, url, memory)
    assert stored.sha256 == (await cloud.assets())[NAME]["sha256"] == sha256(film(13_000_000))
    assert memory.state["replace"]


async def test_when_replacing_does_not_help_it_fails_loudly(
    fetcher: Fetcher, store: CloudinaryStore, cloud: Cloud, host: Host
) -> None:
    memory = Memory()
    url = host.put("/a.mp4", whole(film(100_000)))
    await cloud.arm("truncated", bytes=7, times=0)
    assert isinstance(await refused(fetcher, store, url, memory), OtherBytes)
    error = await refused(fetcher, store, url, memory)
    assert isinstance(error, OtherBytesAgain)
    assert not error.retryable
    assert "holds 99993 bytes" in error.message
    assert "has 100000" in error.message
    assert memory.state is None


async def test_a_file_of_the_right_length_and_wrong_bytes_is_noticed(
    fetcher: Fetcher, store: CloudinaryStore, host: Host
) -> None:
    await keep(fetcher, store, host.put("/other.mp4", whole(film(100_000, "other"))))
    assert isinstance(await refused(fetcher, store, host.put("/a.mp4", whole(film(100_000)))), OtherBytes)


async def test_an_upload_that_must_replace_keeps_that_in_mind_when_it_begins_anew(
    fetcher: Fetcher, store: CloudinaryStore, cloud: Cloud, host: Host
) -> None:
    memory = Memory()
    memory.state = {"id": "forgotten", "etag": '"one"', "length": 13_000_000, "sent": 6_000_000, "replace": True}
    error = await refused(fetcher, store, host.put("/a.mp4", whole(film(13_000_000))), memory)
    assert error.retryable
    assert memory.state == {"replace": True}


async def test_an_answer_that_is_not_signed_right_is_not_believed(
    fetcher: Fetcher, store: CloudinaryStore, account: Account, host: Host
) -> None:
    store._account = replace(account, secret="another")
    error = await refused(fetcher, store, host.put("/a.mp4", whole(film())))
    assert isinstance(error, NotVerified)
    assert "its signature is not right" in error.message


@pytest.mark.parametrize("size", [2_000_000, 13_000_000])
async def test_a_wrong_secret_is_said_and_blamed_on_the_destination(
    fetcher: Fetcher, account: Account, clock: QuickClock, cloud: Cloud, host: Host, size: int
) -> None:
    store = CloudinaryStore(replace(account, secret="wrong"), clock)
    await cloud.arm("unavailable", on="admin", target="/usage")
    url = host.put("/a.mp4", whole(film(size)))
    error = await refused(fetcher, store, url)  # the plan could not be read, so it is the upload that is refused
    assert isinstance(error, StoreUnauthorized)
    assert isinstance(await refused(fetcher, store, url), StoreUnauthorized)
    assert error.blame is Blame.DESTINATION
    assert "REELHOOK_CLOUDINARY_URL" in error.message
    assert clock.slept == [], "the same key again is no help"
    store.close()


async def test_a_part_that_is_refused_for_good_is_not_sent_again(
    fetcher: Fetcher, clock: QuickClock, host: Host
) -> None:
    host.put("/v1_1/c/usage", status(200, b"{}"))
    host.put("/v1_1/c/video/upload", status(403, b'{"error": {"message": "no permission"}}'))
    store = CloudinaryStore(Account("c", "k", "s", host.url), clock)
    error = await refused(fetcher, store, host.put("/a.mp4", whole(film(13_000_000))))
    assert (type(error), host.asked("/v1_1/c/video/upload")) == (StoreRefused, 1)
    store.close()


async def test_the_plans_limit_is_checked_before_anything_is_sent(
    fetcher: Fetcher, store: CloudinaryStore, cloud: Cloud, host: Host, clock: QuickClock
) -> None:
    await cloud.control("PATCH", "/settings", {"video_max_bytes": 1_999_999})
    await cloud.arm("drop", times=0)
    url = host.put("/a.mp4", whole(film(2_000_000)))
    error = await refused(fetcher, store, url)
    assert isinstance(error, PlanLimit)
    assert not error.retryable
    assert "has 2000000 bytes, and the Cloudinary plan allows 1999999" in error.message
    assert await cloud.struck() == [0]
    await cloud.control("DELETE", "/faults")
    await cloud.control("PATCH", "/settings", {"video_max_bytes": 2_000_000})
    assert isinstance(await refused(fetcher, store, url), PlanLimit), "the limit is kept for a day"
    clock.move(24 * 3600 + 1)
    assert (await keep(fetcher, store, url)).bytes == 2_000_000


@pytest.mark.parametrize("fault", ["unavailable", "rate_limited", "bad_gateway", "drop"])
async def test_a_plan_that_cannot_be_read_stops_nothing(
    fetcher: Fetcher, store: CloudinaryStore, cloud: Cloud, host: Host, fault: str
) -> None:
    """The Admin API has a quota; and with a Retry-After of an hour, the SDK itself would sleep for an hour."""
    await cloud.arm(fault, on="admin", target="/usage", seconds=3600)
    assert (await keep(fetcher, store, host.put("/a.mp4", whole(film())))).verified == "digest"
    assert await cloud.struck() == [1]


@pytest.mark.parametrize("size", [2_000_000, 13_000_000])
async def test_cloudinarys_own_no_names_the_plan_too(
    fetcher: Fetcher, store: CloudinaryStore, cloud: Cloud, host: Host, size: int
) -> None:
    await cloud.arm("unavailable", on="admin", target="/usage")
    await cloud.control("PATCH", "/settings", {"video_max_bytes": 1_000_000})
    error = await refused(fetcher, store, host.put("/a.mp4", whole(film(size))))
    assert isinstance(error, PlanLimit)
    assert "the Cloudinary plan allows 1000000" in error.message
