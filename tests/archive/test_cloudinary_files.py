"""What a Cloudinary cloud holds of ours, listed page by page."""

import json
from collections.abc import AsyncIterator

import aiohttp
import pytest

from reelhook.archive import Account, Fetcher
from reelhook.archive.errors import StoreRefused, StoreUnavailable
from reelhook.archive.stores import cloudinary_api
from reelhook.archive.stores.cloudinary import CloudinaryStore
from reelhook.archive.stores.store import StoredFile
from reelhook.simulators.process import Addresses
from reelhook.videos.owner import Owner
from tests.archive.conftest import QuickClock
from tests.archive.host import Host, clip, film, status, whole
from tests.archive.memory import VIDEO_ID, Memory


@pytest.fixture
async def store(addresses: Addresses, clock: QuickClock) -> AsyncIterator[CloudinaryStore]:
    made = CloudinaryStore(Account.parse(addresses.cloudinary_url), clock)
    yield made
    made.close()


async def test_files_of_every_sort_are_listed_with_whose_they_are(
    store: CloudinaryStore,
    fetcher: Fetcher,
    host: Host,
    memory: Memory,
    monkeypatch: pytest.MonkeyPatch,
    session: aiohttp.ClientSession,
) -> None:
    monkeypatch.setattr(cloudinary_api, "PAGE", 1)
    files = {"video": film(), "captioned": film(seed="two"), "poster": clip("tour.jpg"), "captions": clip("tour.srt")}
    for role, data in files.items():
        async with fetcher.open(host.put(f"/{role}", whole(data)), role) as download:
            await store.put(memory.asset(role), download)
    await store._api.upload(("n.txt", b"x"), "raw", public_id="reelhook/doctor-12345678")
    await store._api.upload(("n.txt", b"x"), "raw", public_id=f"others/{VIDEO_ID}/captions")
    found = {file.location: file async for file in store.files()}
    kinds = {"video": "video", "captioned": "video", "poster": "image", "captions": "raw"}
    assert {name: (file.bytes, file.owner) for name, file in found.items()} == {
        f"{kinds[role]}/reelhook/{VIDEO_ID}/{role}": (len(data), Owner(video_id=VIDEO_ID, role=role))
        for role, data in files.items()
    }
    assert all(file.modified_at.tzinfo is not None for file in found.values())


def test_a_location_tells_whose_it_is(store: CloudinaryStore) -> None:
    assert store.owner(f"video/reelhook/{VIDEO_ID}/video") == Owner(video_id=VIDEO_ID, role="video")
    assert store.owner("raw/reelhook/doctor-12345678") == Owner()
    for odd in ("film/x", "video/", "video"):
        with pytest.raises(StoreRefused):
            store.owner(odd)


async def listed(host: Host, clock: QuickClock, *answers: tuple[int, object]) -> list[StoredFile]:
    store = CloudinaryStore(Account("c", "k", "s", host.url), clock)
    for kind in ("image", "raw", "video"):
        said = [status(code, json.dumps(body).encode()) for code, body in answers]
        host.put(f"/v1_1/c/resources/{kind}/upload", *said)
    try:
        return [file async for file in store.files()]
    finally:
        store.close()


async def test_odd_entries_are_left_out(host: Host, clock: QuickClock) -> None:
    name = f"reelhook/{VIDEO_ID}/video"
    odd = [{}, {"public_id": 1}, {"public_id": name}, {"public_id": name, "bytes": 1, "created_at": None}]
    assert await listed(host, clock, (200, {"resources": odd})) == []
    assert await listed(host, clock, (200, {})) == []


async def test_a_rate_limit_is_trouble_and_nothing_is_asked_again(host: Host, clock: QuickClock) -> None:
    with pytest.raises(StoreUnavailable, match="rate limit"):
        await listed(host, clock, (420, {"error": {"message": "Rate Limit Exceeded"}}))
    assert len(host.requests) == 1
