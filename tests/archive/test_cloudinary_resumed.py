"""An upload that was broken off: the next attempt goes on where it ended, or begins anew."""

import asyncio
from typing import Any

import pytest

from reelhook.archive import Fetcher
from reelhook.archive.errors import StoreRefused, StoreUnavailable
from reelhook.archive.stores.cloudinary import CloudinaryStore
from reelhook.errors import ReelhookError
from tests.archive.cloud import NAME, Cloud, keep, refused
from tests.archive.host import Host, film, sha256, whole
from tests.archive.memory import Memory
from tests.conftest import eventually

pytestmark = pytest.mark.usefixtures("parts_begin_early")


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


async def test_a_cancelled_attempt_is_continued_by_the_next(
    fetcher: Fetcher, store: CloudinaryStore, cloud: Cloud, host: Host
) -> None:
    """The worker stops while a part is under way: the thread ends by itself, and what it did is not done twice."""
    data, memory = film(20_000_000), Memory()
    url = host.put("/a.mp4", whole(data))
    await cloud.arm("delay", target="bytes 6000000-", seconds=0.5)
    task = asyncio.create_task(keep(fetcher, store, url, memory))
    await eventually(lambda: bool(memory.state) and memory.state["sent"] >= 6_000_000, what="the first part")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await cloud.arm("drop", target="bytes 0-", times=0)
    assert (await keep(fetcher, store, url, memory)).sha256 == (await cloud.assets())[NAME]["sha256"] == sha256(data)
