"""The stores' files against the rows that name them."""

import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from reelhook.archive import DeleteHandler, LocalStore
from reelhook.archive.errors import StoreUnavailable
from reelhook.archive.stores.store import StoredFile
from reelhook.db.tables import assets
from reelhook.errors import DatabaseUnavailable
from reelhook.jobs.kinds import DeleteStored
from reelhook.reconcile import stores
from reelhook.reconcile.run import Look
from reelhook.reconcile.stores import StoresLook
from reelhook.videos import State
from reelhook.videos.owner import Owner
from tests.conftest import START
from tests.plans import explained
from tests.reconcile.scene import HOUR, Scene

DAY = 24 * HOUR


@dataclass
class Shelf:
    """A store that lists what it is told."""

    kept: list[StoredFile] = field(default_factory=list)
    trouble: Exception | None = None

    def put(self, location: str, size: int = 9, owner: Owner | None = None, at: datetime = START) -> None:
        self.kept.append(StoredFile(location, size, at, owner or Owner()))

    async def files(self) -> AsyncIterator[StoredFile]:
        for file in self.kept:
            yield file
        if self.trouble is not None:
            raise self.trouble


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


async def stored(scene: Scene, location: str | None, role: str = "video", **values: Any) -> str:
    """The id of an asset of a ready video that is stored at *location*, or not yet."""
    video_id = await scene.video(None, state=State.READY)
    row = {
        "id": scene.ids.new(), "video_id": video_id, "role": role, "state": "stored" if location else "pending",
        "store": "local", "location": location, "bytes": 9,
        "created_at": scene.clock.now(), "stored_at": scene.clock.now(),
    }  # fmt: skip
    await scene.db.write(lambda tx: tx.execute(assets.insert(), row | values))
    return str(row["id"])


async def look_at(scene: Scene, *, mend: bool = False, **places: Any) -> Look:
    look = Look(mend=mend)
    await StoresLook(scene.core, places)(look)
    return look


async def test_when_all_is_as_it_should_be_nothing_is_found(scene: Scene, shelf: Shelf) -> None:
    await stored(scene, "aa/one.mp4")
    shelf.put("aa/one.mp4")
    scene.clock.move(DAY * 2)
    look = await look_at(scene, local=shelf)
    assert (look.asked, look.found) == (2, 0)
    counts = {"files": 1, "rows": 1, "lost": 0, "orphans": 0, "whole": True}
    assert look.report == {"stores": {"local": counts}}


async def test_an_empty_store_says_nothing(scene: Scene, shelf: Shelf) -> None:
    look = await look_at(scene, local=shelf)
    assert (look.asked, look.report) == (0, {})
    assert not await StoresLook(scene.core, {}).idle()


async def test_a_file_that_is_gone_or_of_another_length_is_found(scene: Scene, shelf: Shelf) -> None:
    gone, short = await stored(scene, "aa/one.mp4"), await stored(scene, "aa/two.mp4")
    await stored(scene, "aa/three.mp4", bytes=None)  # whose length nobody knows
    await stored(scene, "aa/four.mp4", store="cloudinary")
    shelf.put("aa/two.mp4", 8)
    shelf.put("aa/three.mp4", 8)
    scene.clock.move(DAY)
    look = await look_at(scene, local=shelf)
    assert look.found == 2
    assert [(one["asset_id"], one["reason"]) for one in look.report["lost"]] == [
        (gone, "missing"),
        (short, "other_length"),
    ]
    assert await scene.open_jobs("archive_asset") == []


async def test_what_was_stored_while_the_files_were_listed_is_not_gone(scene: Scene, shelf: Shelf) -> None:
    scene.clock.move(DAY)
    await stored(scene, "aa/one.mp4")
    scene.clock.move(HOUR - 1)
    assert (await look_at(scene, local=shelf)).found == 0
    scene.clock.move(2)
    assert (await look_at(scene, local=shelf)).found == 1


async def test_a_file_nobody_names_is_an_orphan_after_a_day(scene: Scene, shelf: Shelf) -> None:
    shelf.put("aa/orphan.mp4", owner=Owner(asset_id="nobody"))
    shelf.put(".partial/left.00000000")
    scene.clock.move(DAY - 1)
    assert (await look_at(scene, local=shelf)).found == 0
    scene.clock.move(2)
    look = await look_at(scene, local=shelf)
    assert look.found == 2
    assert look.report["orphans"][0] == {
        "store": "local", "location": "aa/orphan.mp4", "bytes": 9, "modified_at": "2026-11-22T12:00:00.000Z",
    }  # fmt: skip


async def test_a_file_whose_asset_waits_to_be_stored_is_no_orphan(scene: Scene, shelf: Shelf) -> None:
    """Its process died between the file and the row; the next attempt puts the same file in the same place."""
    by_id = await stored(scene, None)
    await stored(scene, None, role="gif")
    (other,) = await scene.rows(assets, assets.c.role == "gif")
    shelf.put("aa/one.mp4", owner=Owner(asset_id=by_id))
    shelf.put("aa/two.gif", owner=Owner(video_id=other.video_id, role="gif"))
    scene.clock.move(2 * DAY)
    assert (await look_at(scene, local=shelf)).found == 0


async def test_mending_fetches_again_what_is_gone_and_the_video_stays_ready(scene: Scene, shelf: Shelf) -> None:
    gone = await stored(scene, "aa/one.mp4")
    scene.clock.move(DAY)
    look = await look_at(scene, mend=True, local=shelf)
    assert look.report["mended"] == {"fetching": 1, "deleting": 0}
    (asset,) = await scene.rows(assets)
    assert (asset.state, asset.location) == ("pending", "aa/one.mp4")
    assert await scene.state(asset.video_id) == "ready"
    assert (await scene.notes(asset.video_id))[-1][0] == "asset_lost"
    assert await scene.open_jobs("archive_asset") == [{"video_id": asset.video_id, "asset_id": gone}]
    assert (await look_at(scene, mend=True, local=shelf)).found == 1  # it is not back yet
    assert len(await scene.open_jobs("archive_asset")) == 1


async def test_mending_deletes_orphans_by_jobs_that_look_once_more(scene: Scene, tmp_path: Path) -> None:
    store = LocalStore(tmp_path / "media")
    names = ["bb/0193f000-0000-7000-8000-0000000000bb.mp4", ".partial/0193f000.00000000"]
    for name in names:
        path = tmp_path / "media" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
        os.utime(path, (0, 0))
    look = await look_at(scene, mend=True, local=store)
    assert (look.found, look.report["mended"]) == (2, {"fetching": 0, "deleting": 2})
    jobs = await scene.open_jobs("delete_stored")
    assert sorted(job["location"] for job in jobs) == sorted(names)
    needed = await stored(scene, None)
    await scene.db.write(lambda tx: tx.execute(assets.update().where(assets.c.id == needed).values(id=names[0][3:-4])))
    for job in jobs:
        await DeleteHandler(scene.db, {"local": store}, scene.destinations)(DeleteStored.model_validate(job))
    assert [(tmp_path / "media" / name).exists() for name in names] == [True, False]
    store.close()


async def test_the_counts_are_whole_and_the_lists_are_bounded(
    scene: Scene, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stores, "MOST_MENDED", 2)
    monkeypatch.setattr(stores, "AT_ONCE", 7)
    for number in range(60):
        shelf.put(f"aa/{number}.mp4")
    for number in range(3):
        await stored(scene, f"bb/{number}.mp4")
    scene.clock.move(2 * DAY)
    look = await look_at(scene, mend=True, local=shelf)
    assert (look.asked, look.found, len(look.report["orphans"])) == (63, 63, 50)
    assert look.report["mended"] == {"fetching": 2, "deleting": 2}
    assert len(await scene.open_jobs("delete_stored")) == 2


async def test_of_a_list_that_was_cut_short_nothing_is_called_gone(
    scene: Scene, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stores, "MOST_FILES", 1)
    await stored(scene, "aa/one.mp4")
    await stored(scene, "aa/two.mp4", bytes=5)
    shelf.put("aa/two.mp4")
    shelf.put("aa/one.mp4")
    scene.clock.move(DAY)
    look = await look_at(scene, local=shelf)
    assert [one["reason"] for one in look.report["lost"]] == ["other_length"]
    assert look.report["stores"]["local"]["whole"] is False


async def test_a_store_in_trouble_keeps_no_other_from_being_looked_at(scene: Scene, shelf: Shelf) -> None:
    shelf.put("aa/orphan.mp4")
    scene.clock.move(2 * DAY)
    look = Look()
    broken = replace(shelf, trouble=StoreUnavailable("the rate limit", retry_after_s=60))
    with pytest.raises(StoreUnavailable):
        await StoresLook(scene.core, {"cloudinary": broken, "local": shelf})(look)
    assert list(look.report["stores"]) == ["local"]
    with pytest.raises(DatabaseUnavailable):
        await StoresLook(scene.core, {"local": replace(shelf, trouble=DatabaseUnavailable("away"))})(look)
    assert timedelta(0) < stores.SETTLED


def test_the_rows_of_a_store_are_read_along_their_ids(scene: Scene) -> None:
    """Else each batch would sort all that is left of it."""
    if not scene.db.is_sqlite:
        pytest.skip("SQLite's planner needs no rows to be asked")
    with explained(scene.db) as plans:
        scene.db.write_now(lambda tx: stores._rows(tx.conn, "local", after="some"))
    assert [line for plan in plans for line in plan] == ["SEARCH assets USING INDEX sqlite_autoindex_assets_1 (id>?)"]
