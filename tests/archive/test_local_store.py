"""Files on our own disk: whole, verified, and nothing left behind."""

import asyncio
import errno
import os
import stat
import threading
from pathlib import Path
from typing import Any

import pytest

from reelhook.archive import Fetcher, LocalStore
from reelhook.archive.errors import FetchFailed, NotVerified, StoreFull, StoreRefused, StoreUnavailable
from reelhook.archive.stores import Stored
from reelhook.archive.stores import local as local_module
from tests.archive.host import Host, clip, film, sha256, whole
from tests.archive.memory import ASSET_ID, Memory

FINAL = f"bb/{ASSET_ID}.mp4"


async def keep(fetcher: Fetcher, store: LocalStore, url: str, role: str = "video") -> Stored:
    async with fetcher.open(url, role) as download:
        return await store.put(Memory().asset(role), download)


def files(root: Path) -> list[str]:
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def is_file(descriptor: int) -> bool:
    return stat.S_ISREG(os.fstat(descriptor).st_mode)


async def test_a_film_is_kept_with_its_digests(fetcher: Fetcher, local: LocalStore, host: Host, tmp_path: Path) -> None:
    data = film(3_000_001)
    stored = await keep(fetcher, local, host.put("/a.mp4", whole(data)))
    assert stored == Stored(FINAL, None, len(data), sha256(data), None, "video/mp4", "digest")
    assert local.path(stored.location).read_bytes() == data
    assert files(tmp_path / "media") == [FINAL]


async def test_only_our_own_user_can_read_it(fetcher: Fetcher, local: LocalStore, host: Host) -> None:
    stored = await keep(fetcher, local, host.put("/a.mp4", whole(film())))
    path = local.path(stored.location)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for folder in (path.parent, path.parent.parent, path.parent.parent / ".partial"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.parametrize(("name", "role"), [("tour.jpg", "poster"), ("tour.gif", "gif"), ("tour.vtt", "captions")])
async def test_the_name_ends_with_what_the_file_is(
    fetcher: Fetcher, local: LocalStore, host: Host, name: str, role: str
) -> None:
    stored = await keep(fetcher, local, host.put("/x", whole(clip(name))), role)
    assert stored.location.endswith(name.removeprefix("tour"))


async def test_a_download_that_breaks_off_leaves_nothing(
    fetcher: Fetcher, local: LocalStore, host: Host, tmp_path: Path
) -> None:
    url = host.put("/a.mp4", whole(film(3_000_000), etag=None, most=2_000_000))
    with pytest.raises(FetchFailed):
        await keep(fetcher, local, url)
    assert files(tmp_path / "media") == []


async def test_what_a_dead_attempt_left_is_removed(
    fetcher: Fetcher, local: LocalStore, host: Host, tmp_path: Path
) -> None:
    left = tmp_path / "media/.partial" / f"{ASSET_ID}.dead"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half")
    await keep(fetcher, local, host.put("/a.mp4", whole(film())))
    assert files(tmp_path / "media") == [FINAL]


async def test_a_second_time_replaces_the_first(fetcher: Fetcher, local: LocalStore, host: Host) -> None:
    await keep(fetcher, local, host.put("/a.mp4", whole(film(seed="one"))))
    stored = await keep(fetcher, local, host.put("/a.mp4", whole(film(seed="two"))))
    assert local.path(stored.location).read_bytes() == film(seed="two")


async def test_every_name_on_the_way_to_a_file_is_durable_once_it_is_stored(
    fetcher: Fetcher, host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    fsync = os.fsync

    def watched(descriptor: int) -> None:
        synced.append(os.path.relpath(os.readlink(f"/proc/self/fd/{descriptor}"), tmp_path))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", watched)
    store = LocalStore(tmp_path / "new/media")
    stored = await keep(fetcher, store, host.put("/a.mp4", whole(film())))
    assert {".", "new", "new/media", f"new/media/{stored.location[:2]}"} <= set(synced)
    synced.clear()
    await keep(fetcher, store, host.put("/a.mp4", whole(film())))
    assert "new" not in synced, "once is enough"
    store.close()


async def test_bytes_that_changed_on_the_disk_are_not_published(
    fetcher: Fetcher, local: LocalStore, host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def sync_and_spoil(descriptor: int) -> None:
        if is_file(descriptor):
            os.pwrite(descriptor, b"?", 1_500_000)

    monkeypatch.setattr(os, "fsync", sync_and_spoil)
    with pytest.raises(NotVerified, match="not what was downloaded"):
        await keep(fetcher, local, host.put("/a.mp4", whole(film(3_000_000))))
    assert files(tmp_path / "media") == []


@pytest.mark.parametrize(("length", "words"), [(1_000_000, "1000000 of"), (4_000_000, "not what was downloaded")])
async def test_a_file_of_another_length_is_not_published(
    fetcher: Fetcher, local: LocalStore, host: Host, monkeypatch: pytest.MonkeyPatch, length: int, words: str
) -> None:
    monkeypatch.setattr(os, "fsync", lambda descriptor: is_file(descriptor) and os.ftruncate(descriptor, length))
    with pytest.raises(NotVerified, match=words):
        await keep(fetcher, local, host.put("/a.mp4", whole(film(3_000_000))))


async def test_a_large_file_is_verified_in_stretches(
    fetcher: Fetcher, local: LocalStore, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local_module, "REREAD", 1_000_000)
    data = film(3_000_000)
    stored = await keep(fetcher, local, host.put("/a.mp4", whole(data)))
    assert stored.sha256 == sha256(data)


def failing(number: int) -> Any:
    def fail(*_: object) -> int:
        raise OSError(number, os.strerror(number))

    return fail


async def test_a_full_disk_is_said_and_tried_again(
    fetcher: Fetcher, local: LocalStore, host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "write", failing(errno.ENOSPC))
    with pytest.raises(StoreFull, match="no space left in") as caught:
        await keep(fetcher, local, host.put("/a.mp4", whole(film())))
    assert caught.value.retryable
    assert files(tmp_path / "media") == []


async def test_short_writes_are_continued(
    fetcher: Fetcher, local: LocalStore, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: write(descriptor, data[:100_000]))
    stored = await keep(fetcher, local, host.put("/a.mp4", whole(film(1_500_000))))
    assert local.path(stored.location).read_bytes() == film(1_500_000)


async def test_a_folder_that_may_not_be_used_is_said(fetcher: Fetcher, host: Host, tmp_path: Path) -> None:
    (tmp_path / "media").write_bytes(b"a file in the way")
    store = LocalStore(tmp_path / "media")
    with pytest.raises(StoreUnavailable, match="media cannot be used: ") as caught:
        await keep(fetcher, store, host.put("/a.mp4", whole(film())))
    assert caught.value.retryable
    store.close()


async def test_a_refused_permission_is_said(
    fetcher: Fetcher, local: LocalStore, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "replace", failing(errno.EACCES))
    with pytest.raises(StoreUnavailable, match="Permission denied"):
        await keep(fetcher, local, host.put("/a.mp4", whole(film())))


async def test_a_cancelled_attempt_leaves_nothing(
    fetcher: Fetcher, local: LocalStore, host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cancelled while a write is under way in its thread: the file goes away after that, not under it."""
    writing, go_on = asyncio.Event(), asyncio.Event()
    loop, write = asyncio.get_running_loop(), os.write

    def slow(descriptor: int, data: bytes) -> int:
        loop.call_soon_threadsafe(writing.set)
        asyncio.run_coroutine_threadsafe(go_on.wait(), loop).result(10)
        return write(descriptor, data)

    monkeypatch.setattr(os, "write", slow)
    task = asyncio.create_task(keep(fetcher, local, host.put("/a.mp4", whole(film()))))
    await asyncio.wait_for(writing.wait(), 10)
    task.cancel()
    await asyncio.sleep(0)
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert files(tmp_path / "media") == []


def test_discarding_waits_for_a_write_that_is_under_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Closed under it, the descriptor could be another file's by the time the write reaches it."""
    writing, go_on, write = threading.Event(), threading.Event(), os.write

    def slow(descriptor: int, data: bytes) -> int:
        writing.set()
        assert go_on.wait(10)
        return write(descriptor, data)

    partial = local_module._Partial(tmp_path, ASSET_ID)
    partial.begin()
    monkeypatch.setattr(os, "write", slow)
    writer = threading.Thread(target=partial.write, args=(b"block",))
    writer.start()
    assert writing.wait(10)
    discarder = threading.Thread(target=partial.discard)
    discarder.start()
    discarder.join(0.2)
    assert discarder.is_alive()
    go_on.set()
    for thread in (writer, discarder):
        thread.join(10)
    assert partial.digest.length == 5
    assert files(tmp_path) == []


async def test_a_write_that_comes_after_the_end_is_refused(tmp_path: Path) -> None:
    partial = local_module._Partial(tmp_path, ASSET_ID)
    partial.begin()
    partial.discard()
    partial.discard()
    with pytest.raises(OSError, match="given up"):
        partial.write(b"late")
    with pytest.raises(OSError, match="given up"):
        partial.begin()
    assert files(tmp_path) == []


async def test_deleting_removes_it_once_and_twice(fetcher: Fetcher, local: LocalStore, host: Host) -> None:
    stored = await keep(fetcher, local, host.put("/a.mp4", whole(film())))
    await local.delete(stored.location)
    assert not local.path(stored.location).exists()
    await local.delete(stored.location)


@pytest.mark.parametrize(
    "location",
    ["../secret.mp4", "/etc/passwd", "bb/../../x.mp4", "", f"bb/{ASSET_ID}", "bb/x\x00y.mp4", ".partial/x.y"],
)
async def test_no_way_leads_out_of_the_store(local: LocalStore, location: str) -> None:
    with pytest.raises(StoreRefused, match="is not a location"):
        await local.delete(location)


async def test_an_id_that_is_a_path_is_refused(fetcher: Fetcher, local: LocalStore, host: Host) -> None:
    asset = Memory().asset()
    object.__setattr__(asset, "id", "../../etc/passwd")
    async with fetcher.open(host.put("/a.mp4", whole(film())), "video") as download:
        with pytest.raises(StoreRefused, match="is not the id"):
            await local.put(asset, download)


async def test_the_doctor_tries_it_and_cleans_up(local: LocalStore, tmp_path: Path) -> None:
    await local.check()
    assert files(tmp_path / "media") == []


async def test_the_doctor_sees_a_disk_that_lies(local: LocalStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda descriptor: is_file(descriptor) and os.ftruncate(descriptor, 3))
    with pytest.raises(NotVerified):
        await local.check()
