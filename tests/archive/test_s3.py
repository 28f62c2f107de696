"""Files in a bucket: whole, verified by what the service holds, and nothing left behind."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from aiohttp import web

from reelhook.archive import Fetcher
from reelhook.archive.errors import FetchFailed, NotVerified, StoreRefused
from reelhook.archive.fetch import Download
from reelhook.archive.stores import Stored, Usage
from reelhook.archive.stores.s3 import S3Store
from reelhook.archive.stores.s3_bucket import PART, Bucket, Place
from reelhook.archive.stores.s3_sending import Sending
from reelhook.errors import NotFound
from reelhook.videos.owner import Owner
from tests.archive.host import Host, clip, film, sha256, whole
from tests.archive.memory import ASSET_ID, Memory
from tests.s3 import NAME, S3, Front

FINAL = f"bb/{ASSET_ID}.mp4"
LARGE = 2 * PART + 1_000_001


@pytest.fixture
def store(place: Place) -> S3Store:
    return S3Store(place)


async def keep(fetcher: Fetcher, store: S3Store, url: str, role: str = "video") -> Stored:
    async with fetcher.open(url, role) as download:
        return await store.put(Memory().asset(role), download)


def kept(s3: S3) -> list[str]:
    return sorted(str(path.relative_to(s3.kept)) for path in s3.kept.rglob("*") if path.is_file())


@pytest.mark.parametrize("size", [300_000, PART, LARGE])
async def test_a_film_is_kept_with_its_digests(
    fetcher: Fetcher, store: S3Store, host: Host, s3: S3, s3_front: Front, size: int
) -> None:
    data = film(size)
    stored = await keep(fetcher, store, host.put("/a.mp4", whole(data)))
    assert stored == Stored(FINAL, None, size, sha256(data), None, "video/mp4", "digest")
    assert (s3.kept / FINAL).read_bytes() == data
    assert not any(line.startswith("GET") for line in s3_front.seen), "its etag proves it, so nothing is read back"


async def test_it_says_what_it_is(fetcher: Fetcher, store: S3Store, host: Host, s3_front: Front) -> None:
    await keep(fetcher, store, host.put("/x", whole(clip("tour.jpg"))), "poster")
    types: list[str] = []
    s3_front.alter = lambda _, said: types.append(said.headers["content-type"])
    assert b"".join([piece async for piece in await store.read(f"bb/{ASSET_ID}.jpg")]) == clip("tour.jpg")
    assert types == ["image/jpeg"]


def other_etags(request: web.Request, said: web.Response) -> None:
    """What S3 does when it encrypts with a key of KMS: its etags say nothing of the bytes."""
    if request.method != "POST" or b"CompleteMultipartUploadResult" not in bytes(said.body or b""):  # type: ignore[arg-type]
        return
    front, _, rest = bytes(said.body or b"").partition(b"<ETag>")  # type: ignore[arg-type]
    said.body = front + b"<ETag>&quot;0123456789abcdef&quot;" + rest[rest.index(b"</ETag>") :]


async def test_where_an_etag_proves_nothing_the_file_is_read_back(
    fetcher: Fetcher, store: S3Store, host: Host, s3_front: Front
) -> None:
    s3_front.alter = other_etags
    data = film(LARGE)
    stored = await keep(fetcher, store, host.put("/a.mp4", whole(data)))
    assert (stored.sha256, stored.verified) == (sha256(data), "digest")
    assert any(line.startswith("GET") for line in s3_front.seen)


async def test_other_bytes_are_not_taken_for_the_file(
    fetcher: Fetcher, store: S3Store, host: Host, s3_front: Front
) -> None:
    def spoil(request: web.Request, said: web.Response) -> None:
        other_etags(request, said)
        if request.method == "GET":
            said.body = bytes(said.body or b"")[:-1] + b"?"  # type: ignore[arg-type]

    s3_front.alter = spoil
    with pytest.raises(NotVerified, match="300000 other bytes than the 300000"):
        await keep(fetcher, store, host.put("/a.mp4", whole(film(300_000))))


async def test_a_download_that_breaks_off_leaves_nothing(
    fetcher: Fetcher, store: S3Store, host: Host, s3: S3, s3_front: Front
) -> None:
    url = host.put("/a.mp4", whole(film(LARGE), etag=None, most=LARGE - PART))
    with pytest.raises(FetchFailed):
        await keep(fetcher, store, url)
    assert kept(s3) == []
    assert any(line.startswith("DELETE") and "uploadId=" in line for line in s3_front.seen), "the parts are given up"


async def test_a_cancelled_attempt_leaves_nothing(
    fetcher: Fetcher, store: S3Store, host: Host, s3: S3, s3_front: Front
) -> None:
    """Cancelled in the middle of an upload, while the download stands still."""
    waits = asyncio.Event()

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(PART // 1_000_000 + 5):
            yield bytes(1_000_000)
        waits.set()
        await asyncio.Event().wait()

    download = Download("http://h/a.mp4", "video/mp4", None, None, endless())
    task = asyncio.create_task(store.put(Memory().asset(), download))
    await asyncio.wait_for(waits.wait(), 10)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, 10)
    assert kept(s3) == []
    assert any(line.startswith("DELETE") and "uploadId=" in line for line in s3_front.seen), "the parts are given up"


async def test_a_second_time_replaces_the_first(fetcher: Fetcher, store: S3Store, host: Host, s3: S3) -> None:
    await keep(fetcher, store, host.put("/a.mp4", whole(film(seed="one"))))
    await keep(fetcher, store, host.put("/a.mp4", whole(film(seed="two"))))
    assert (s3.kept / FINAL).read_bytes() == film(seed="two")


async def test_a_part_that_is_lost_is_sent_again(
    fetcher: Fetcher, store: S3Store, host: Host, s3: S3, s3_front: Front
) -> None:
    left = [1]

    def once(request: web.Request) -> web.StreamResponse | None:
        if request.method == "PUT" and "partNumber=2" in request.query_string and left:
            left.pop()
            return web.Response(status=500)
        return None

    s3_front.err = once
    data = film(LARGE)
    await keep(fetcher, store, host.put("/a.mp4", whole(data)))
    assert (s3.kept / FINAL).read_bytes() == data
    assert not left


async def test_it_is_read_in_ranges(fetcher: Fetcher, store: S3Store, host: Host) -> None:
    data = film(LARGE)
    await keep(fetcher, store, host.put("/a.mp4", whole(data)))
    for start, stop in ((0, None), (0, 10), (PART - 5, PART + 5), (LARGE - 1, LARGE)):
        pieces = [piece async for piece in await store.read(FINAL, start, stop)]
        assert b"".join(pieces) == data[start:stop], (start, stop)
    with pytest.raises(NotFound, match=f"not in the bucket {NAME}"):
        await store.read("bb/0193f000-0000-7000-8000-0000000000cc.mp4")


async def test_files_lists_ours_and_nobody_elses(fetcher: Fetcher, store: S3Store, host: Host, place: Place) -> None:
    url = host.put("/a.mp4", whole(film(300_000)))
    await keep(fetcher, store, url)
    await keep(fetcher, S3Store(replace(place, prefix="another")), url)
    await Bucket(place).put("readme.txt", Sending(pieces(b"theirs"), PART), "text/plain")
    (found,) = [file async for file in store.files()]
    assert (found.location, found.bytes, found.owner) == (FINAL, 300_000, Owner(asset_id=ASSET_ID))


async def test_deleting_is_fine_when_it_is_not_there(fetcher: Fetcher, store: S3Store, host: Host, s3: S3) -> None:
    await keep(fetcher, store, host.put("/a.mp4", whole(film(300_000))))
    for _ in range(2):
        await store.delete(FINAL)
    assert kept(s3) == []


@pytest.mark.parametrize("location", ["", "../x.mp4", f"kept/{FINAL}", "bb/a.mp4", "bb/../../secret.mp4"])
async def test_only_names_of_ours_are_touched(store: S3Store, s3_front: Front, location: str) -> None:
    with pytest.raises(StoreRefused, match="not a location in the bucket"):
        await store.delete(location)
    with pytest.raises(StoreRefused, match="not a location in the bucket"):
        await store.read(location)
    with pytest.raises(StoreRefused, match="is not the id of an asset"):
        await store.put(replace(Memory().asset(), id="../x"), Download("", "video/mp4", None, None, pieces()))
    assert s3_front.seen == []


async def pieces(*these: bytes) -> AsyncIterator[bytes]:
    for piece in these:
        yield piece


async def test_check_writes_reads_and_deletes(store: S3Store, s3: S3, s3_front: Front) -> None:
    await store.check()
    assert kept(s3) == []
    assert {line.split()[0] for line in s3_front.seen} == {"POST", "PUT", "GET", "DELETE"}
    assert await store.usage() == Usage()
    store.close()


async def test_check_compares_what_comes_back(store: S3Store, s3_front: Front) -> None:
    def spoil(request: web.Request, said: web.Response) -> None:
        if request.method == "GET":
            said.body = b"something else."

    s3_front.alter = spoil
    with pytest.raises(NotVerified, match="other than what was sent"):
        await store.check()
