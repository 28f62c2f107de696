"""A stored file that is gone is fetched again, and its video stays ready meanwhile."""

import os
from pathlib import Path

import pytest
from sqlalchemy import update

from reelhook.archive import DeleteHandler, LocalStore
from reelhook.archive.errors import StoreRefused, StoreUnavailable
from reelhook.archive.stores.local_files import _file, files_in
from reelhook.db.tables import assets, jobs
from reelhook.jobs import Failure
from reelhook.jobs.kinds import ArchiveAsset, DeleteStored
from reelhook.videos.owner import Owner, is_known
from tests.archive.host import Host, film, status, whole
from tests.archive.memory import ASSET_ID
from tests.archive.scene import Scene

LEFT = f".partial/{ASSET_ID}.0123abcd"


async def ready(scene: Scene, host: Host) -> ArchiveAsset:
    """A ready video whose file was then lost and is to be fetched again."""
    scene.heygen_says({"video_url": host.put("/a.mp4", whole(film()))})
    work = await scene.video(None)
    await scene.settle(scene.handler(), work)
    scene.local.path((await scene.assets())["video"].location).unlink()
    await scene.db.write(lambda tx: scene.lifecycle.fetch_again(tx, work.asset_id))
    return work


async def test_meanwhile_no_dead_address_is_shown_and_the_video_stays_ready(scene: Scene, host: Host) -> None:
    work = await ready(scene, host)
    asset, shown = (await scene.assets())["video"], (await scene.updates())[-1]
    assert (asset.state, asset.upload) == ("pending", None)
    assert (shown["state"], shown["asset"]) == ("ready", None)
    assert (await scene.story())[-1] == (
        "asset_lost",
        "The stored file (video) is gone or spoilt; it is fetched again",
    )
    told = len(await scene.updates())
    await scene.db.write(lambda tx: tx.execute(update(jobs).values(state="dead")))
    await scene.db.write(lambda tx: scene.lifecycle.fetch_again(tx, work.asset_id))
    assert len(await scene.jobs("archive_asset")) == 2  # a new one, for the last is dead
    assert len(await scene.updates()) == told


async def test_the_file_comes_back_to_the_same_place(scene: Scene, host: Host) -> None:
    work = await ready(scene, host)
    before = (await scene.assets())["video"]
    assert await scene.settle(scene.handler(), work)
    asset, shown = (await scene.assets())["video"], (await scene.updates())[-1]
    assert (asset.state, asset.location, asset.sha256) == ("stored", before.location, before.sha256)
    assert scene.local.path(asset.location).read_bytes() == film()
    assert (shown["state"], shown["asset"]["url"]) == ("ready", f"/media/{asset.id}")
    assert (await scene.story())[-1] == ("asset", "Stored the video")
    assert [kind for kind, _ in await scene.story()].count("ready") == 1


async def test_when_it_cannot_be_had_any_more_the_story_says_so(scene: Scene, host: Host) -> None:
    work = await ready(scene, host)
    handler, failure = scene.handler(), Failure("no_link", "HeyGen deleted it", False)
    await scene.db.write(lambda tx: handler.on_dead(tx, work, failure))
    assert (await scene.story())[-1] == ("asset_failed", "The video is not stored: HeyGen deleted it")
    assert (await scene.row(work)).state == "ready"


async def test_what_was_never_stored_is_not_fetched_again(scene: Scene, host: Host) -> None:
    work = await scene.video(host.put("/a.mp4", status(404)))
    before = await scene.story()
    await scene.db.write(lambda tx: scene.lifecycle.fetch_again(tx, work.asset_id))
    await scene.db.write(lambda tx: scene.lifecycle.fetch_again(tx, "nobody"))
    assert await scene.story() == before


async def test_a_file_that_an_asset_needs_is_not_deleted(scene: Scene, host: Host) -> None:
    scene.heygen_says({"video_url": host.put("/a.mp4", whole(film()))})
    work = await scene.video(None)
    await scene.settle(scene.handler(), work)
    location = (await scene.assets())["video"].location
    delete = DeleteHandler(scene.db, scene.stores, scene.destinations)
    await delete(DeleteStored(store="local", location=location))
    assert scene.local.path(location).exists()
    await scene.db.write(lambda tx: tx.execute(update(assets).values(id=ASSET_ID)))
    await delete(DeleteStored(store="local", location=location))
    assert not scene.local.path(location).exists()


async def test_whose_file_it_is(scene: Scene, host: Host) -> None:
    work = await scene.video(host.put("/a.mp4", status(404)))

    async def known(owner: Owner) -> bool:
        return await scene.db.read(lambda conn: is_known(conn, owner))

    assert await known(Owner(asset_id=work.asset_id))
    assert await known(Owner(video_id=work.video_id, role="video"))
    assert not await known(Owner(video_id=work.video_id, role="gif"))
    assert not await known(Owner(asset_id="nobody"))
    assert not await known(Owner())


async def test_a_local_store_lists_its_files_and_what_dead_attempts_left(local: LocalStore, tmp_path: Path) -> None:
    root = tmp_path / "media"
    assert [file async for file in local.files()] == []
    location = f"bb/{ASSET_ID}.mp4"
    for name in (location, LEFT, "bb/readme.txt", "bb/x", "notes/other.mp4", ".partial/odd"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"123")
    (root / "aa").symlink_to(tmp_path)
    found = {file.location: file async for file in local.files()}
    assert set(found) == {location, LEFT}
    assert (found[location].bytes, found[location].owner) == (3, Owner(asset_id=ASSET_ID))
    assert found[LEFT].owner == Owner()
    assert found[location].modified_at.tzinfo is not None
    for name in found:
        await local.delete(name)
    assert [file async for file in local.files()] == []
    with pytest.raises(StoreRefused):
        local.path(LEFT)  # nobody is ever shown it
    with pytest.raises(StoreRefused):
        await local.delete("../bb/secret")


async def test_a_folder_that_cannot_be_read_is_trouble_in_words(local: LocalStore, tmp_path: Path) -> None:
    (tmp_path / "media").write_text("in the way")
    with pytest.raises(StoreUnavailable, match="cannot be used"):
        _ = [file async for file in local.files()]


def test_a_file_that_vanishes_while_it_is_listed_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "bb" / f"{ASSET_ID}.mp4"
    path.parent.mkdir()
    path.symlink_to("nowhere")
    assert [file.bytes for file in files_in(tmp_path, "bb")] == [len("nowhere")]  # never followed
    (entry,) = os.scandir(path.parent)
    path.unlink()
    assert list(_file("bb", entry)) == []
