"""What an attempt makes of a store that is in trouble, or does more than it is asked for."""

import pytest
from sqlalchemy import update

from reelhook.archive.errors import (
    OtherBytes,
    StoreFull,
    StoreUnavailable,
)
from reelhook.db.tables import assets
from reelhook.errors import DatabaseUnavailable
from reelhook.jobs import Postpone
from tests.archive.host import Host, film, whole
from tests.archive.odd import Odd
from tests.archive.scene import Scene
from tests.measured import measured


async def test_a_store_that_takes_nothing_is_waited_for_and_the_story_says_so_once(scene: Scene, host: Host) -> None:
    scene.stores = {"cloudinary": Odd(StoreFull("no space left"))}
    work = await scene.video(host.put("/a.mp4", whole(film())), store="cloudinary")
    for _ in range(3):
        with pytest.raises(Postpone):
            await scene.handler(asks=False)(work)
    assert [entry.message for entry in await scene.entries("waiting")] == ["waiting for cloudinary: no space left"]
    assert host.asked("/a.mp4") == 1, "nothing is fetched for a store that is down"


async def test_other_bytes_in_the_store_are_replaced_within_the_attempt(scene: Scene, host: Host) -> None:
    store = Odd(OtherBytes("other"))
    scene.stores = {"cloudinary": store}
    work = await scene.video(host.put("/a.mp4", whole(film())), store="cloudinary")
    assert await scene.settle(scene.handler(asks=False), work)
    assert (store.puts, host.asked("/a.mp4")) == (2, 2)


async def test_a_poster_that_the_store_makes_needs_no_download(scene: Scene, host: Host) -> None:
    scene.stores = {"cloudinary": Odd()}
    scene.heygen_says({"video_url": host.put("/a.mp4", whole(film())), "thumbnail_url": "https://h/t.jpg"})
    work = await scene.video(None, store="cloudinary")
    await scene.settle(scene.handler(), work)
    poster = (await scene.assets())["poster"]
    assert (poster.state, poster.url, poster.location) == ("stored", "https://cdn/p.jpg", None)
    assert (await scene.updates())[-1]["asset"]["poster_url"] == "https://cdn/p.jpg"
    assert len(await scene.jobs("archive_asset")) == 1


async def test_what_a_store_remembers_is_committed_at_once_and_forgotten_at_the_end(scene: Scene, host: Host) -> None:
    scene.stores = {"cloudinary": Odd(StoreUnavailable("away"))}
    work = await scene.video(host.put("/a.mp4", whole(film())), store="cloudinary")
    labels = {"store": "cloudinary", "code": "store_unavailable"}
    errors = measured("reelhook_store_errors_total", **labels)
    with pytest.raises(StoreUnavailable):
        await scene.handler(asks=False)(work)
    assert measured("reelhook_store_errors_total", **labels) == errors + 1
    assert (await scene.assets())["video"].upload == {"try": 1}
    await scene.settle(scene.handler(asks=False), work)
    assert (await scene.assets())["video"].upload is None


async def test_a_database_that_is_away_is_no_failed_attempt(scene: Scene, host: Host) -> None:
    scene.stores = {"cloudinary": Odd(DatabaseUnavailable("away"))}
    work = await scene.video(host.put("/a.mp4", whole(film())), store="cloudinary")
    with pytest.raises(DatabaseUnavailable):
        await scene.handler(asks=False)(work)
    assert await scene.entries("attempt_failed") == []


async def test_a_poster_that_is_known_already_is_kept(scene: Scene, host: Host) -> None:
    scene.stores = {"cloudinary": Odd()}
    work = await scene.video(host.put("/a.mp4", whole(film())), store="cloudinary")
    extra = await scene.another(work, "poster", "https://h/own.jpg")
    change = update(assets).where(assets.c.id == extra.asset_id).values(state="stored", url="https://cdn/own.jpg")
    await scene.db.write(lambda tx: tx.execute(change))
    await scene.settle(scene.handler(asks=False), work)
    assert (await scene.assets())["poster"].url == "https://cdn/own.jpg"
