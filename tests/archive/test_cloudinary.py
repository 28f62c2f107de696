"""Cloudinary through its own SDK, against the simulator: kept whole, verified, and safe to send again."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any

import aiohttp
import pytest

from reelhook.archive import Account, CloudinaryStore, Fetcher
from reelhook.archive.errors import (
    NotVerified,
    OtherBytes,
    OtherBytesAgain,
    PlanLimit,
    StoreRefused,
    StoreUnauthorized,
    StoreUnavailable,
)
from reelhook.archive.stores import Stored, cloudinary_relay
from reelhook.archive.stores.cloudinary_errors import SourceNotLoaded
from reelhook.errors import Blame, ReelhookError, WrongSetting
from reelhook.simulators.process import Addresses
from tests.archive.conftest import VIDEO_ID, Memory, QuickClock
from tests.archive.host import Answer, Host, clip, film, md5, sha256, status, whole
from tests.conftest import eventually

NAME = f"reelhook/{VIDEO_ID}/video"


class Cloud:
    """The simulator's control API."""

    def __init__(self, base: str, session: aiohttp.ClientSession) -> None:
        self.base, self.session = base, session

    async def control(self, method: str, path: str, body: object = None) -> Any:
        async with self.session.request(method, f"{self.base}/_control{path}", json=body) as response:
            assert response.status == 200, await response.text()
            return await response.json()

    async def arm(self, kind: str, on: str = "upload", **fields: object) -> None:
        await self.control("POST", "/faults", {"on": on, "kind": kind, **fields})

    async def struck(self) -> list[int]:
        return [fault["struck"] for fault in (await self.control("GET", "/faults"))["faults"]]

    async def assets(self) -> dict[str, Any]:
        return {each["public_id"]: each for each in (await self.control("GET", "/assets"))["assets"]}

    async def get(self, url: str) -> bytes:
        async with self.session.get(url) as response:
            assert response.status == 200
            return await response.read()


@pytest.fixture(autouse=True)
def parts_begin_early(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is true of parts is shown with films that are quick to make."""
    monkeypatch.setattr(cloudinary_relay, "ONE_REQUEST", cloudinary_relay.PART)


@pytest.fixture
async def cloud(addresses: Addresses) -> AsyncIterator[Cloud]:
    async with aiohttp.ClientSession() as session:
        yield Cloud(addresses.cloudinary, session)


@pytest.fixture
def account(addresses: Addresses) -> Account:
    return Account.parse(addresses.cloudinary_url)


@pytest.fixture
def store(account: Account, clock: QuickClock) -> Iterator[CloudinaryStore]:
    store = CloudinaryStore(account, clock)
    yield store
    store.close()


async def keep(
    fetcher: Fetcher, store: CloudinaryStore, url: str, memory: Memory | None = None, role: str = "video"
) -> Stored:
    async with fetcher.open(url, role) as download:
        return await store.put((memory or Memory()).asset(role), download)


async def refused(fetcher: Fetcher, store: CloudinaryStore, url: str, memory: Memory | None = None) -> ReelhookError:
    with pytest.raises(ReelhookError) as caught:
        await keep(fetcher, store, url, memory)
    return caught.value


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


# --- fetched by Cloudinary itself -------------------------------------------------------------------------------------


@pytest.fixture
def remote(account: Account, clock: QuickClock) -> Iterator[CloudinaryStore]:
    store = CloudinaryStore(account, clock, remote_fetch=True)
    yield store
    store.close()


async def test_cloudinary_may_fetch_it_and_then_only_the_length_is_verified(
    fetcher: Fetcher, remote: CloudinaryStore, cloud: Cloud, host: Host
) -> None:
    data = film(2_000_000)
    stored = await keep(fetcher, remote, host.put("/a.mp4", whole(data)))
    assert (stored.bytes, stored.sha256, stored.md5, stored.verified) == (len(data), None, md5(data), "length")
    assert host.asked("/a.mp4") == 2


@pytest.mark.parametrize(("answer", "fresh"), [(status(403), True), (status(503), False)])
async def test_what_cloudinary_cannot_fetch_twice_is_relayed(
    fetcher: Fetcher, remote: CloudinaryStore, host: Host, answer: Answer, fresh: bool
) -> None:
    """The first time it may be the link, or the host's bad moment."""
    memory, film_answer = Memory(), whole(film())
    url = host.put("/a.mp4", film_answer, answer, film_answer, answer, film_answer)
    error = await refused(fetcher, remote, url, memory)
    assert isinstance(error, SourceNotLoaded)
    assert (error.retryable, error.needs_fresh_link) == (True, fresh)
    stored = await keep(fetcher, remote, url, memory)
    assert stored.verified == "digest"


async def test_a_relay_that_has_begun_is_not_turned_into_a_fetch(
    fetcher: Fetcher, remote: CloudinaryStore, cloud: Cloud, host: Host
) -> None:
    memory = Memory()
    memory.state = {"id": "known", "etag": '"one"', "length": 5, "sent": 0}
    assert (await keep(fetcher, remote, host.put("/a.mp4", whole(film())), memory)).verified == "digest"


async def test_a_fetch_with_an_unknown_outcome_is_relayed_and_found(
    fetcher: Fetcher, remote: CloudinaryStore, cloud: Cloud, host: Host
) -> None:
    await cloud.arm("drop_after")
    stored = await keep(fetcher, remote, host.put("/a.mp4", whole(film())))
    assert (stored.verified, stored.sha256) == ("digest", sha256(film()))


async def test_what_cloudinary_fetched_short_is_replaced_by_a_relay(
    fetcher: Fetcher, remote: CloudinaryStore, cloud: Cloud, host: Host
) -> None:
    memory = Memory()
    url = host.put("/a.mp4", whole(film()))
    await cloud.arm("truncated", bytes=7)
    assert isinstance(await refused(fetcher, remote, url, memory), OtherBytes)
    assert (await keep(fetcher, remote, url, memory)).verified == "digest"


async def test_files_too_large_or_of_unknown_length_are_relayed(
    fetcher: Fetcher, remote: CloudinaryStore, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await keep(fetcher, remote, host.put("/a.mp4", whole(film(), chunked=True)))).verified == "digest"
    monkeypatch.setattr("reelhook.archive.stores.cloudinary.REMOTE_MOST", 1000)
    assert (await keep(fetcher, remote, host.put("/a.mp4", whole(film())))).verified == "digest"


# --- the account ------------------------------------------------------------------------------------------------------


def test_the_account_is_read_from_its_address() -> None:
    assert Account.parse("cloudinary://key:s%2Fx@cloud") == Account("cloud", "key", "s%2Fx")
    assert Account.parse("cloudinary://k:s@c?upload_prefix=http://h:1/").prefix == "http://h:1"


@pytest.mark.parametrize("url", ["", "https://k:s@c", "cloudinary://k@c", "cloudinary://c", "cloudinary://k:s@"])
def test_an_address_that_is_none_is_a_wrong_setting(url: str) -> None:
    with pytest.raises(WrongSetting, match="REELHOOK_CLOUDINARY_URL must look like"):
        Account.parse(url)


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_a_signature_is_checked_in_both_algorithms(algorithm: str) -> None:
    account = Account("c", "k", "abcd")
    signature = hashlib.new(algorithm, b"public_id=v/1&version=7abcd").hexdigest()
    assert account.signed({"public_id": "v/1", "version": 7, "signature": signature})
    assert not account.signed({"public_id": "v/2", "version": 7, "signature": signature})
    assert not account.signed({"public_id": "v/1", "version": 7, "signature": "é" * 40})
    assert not account.signed({"public_id": "v/1", "version": 7})
