"""One asset from HeyGen's link to a stored file, and everything that can get in between."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete

from reelhook.archive import ArchiveHandler, DeleteHandler, archive_limit_s
from reelhook.archive.errors import (
    FetchFailed,
    StoreRefused,
)
from reelhook.archive.progress import Progress, untold
from reelhook.db.tables import videos
from reelhook.jobs import Failure
from reelhook.jobs.kinds import ArchiveAsset, DeleteStored
from reelhook.videos import State
from tests.archive.host import Host, clip, film, sha256, status, whole
from tests.archive.scene import KEY, Scene
from tests.measured import measured

OTHER_LINKS = {"thumbnail_url": "https://h/t.jpg", "gif_url": "https://h/g.gif", "subtitle_url": "https://h/s.srt"}


async def test_the_video_is_fetched_stored_and_ready(scene: Scene, host: Host) -> None:
    data = film(2_000_000)
    url = host.put("/a.mp4", whole(data))
    scene.heygen_says({"video_url": url, "duration": 30.5})
    work = await scene.video(None)
    assert await scene.settle(scene.handler(), work)
    video, asset = await scene.row(work), (await scene.assets())["video"]
    assert (video.state, video.source_url, video.length_ms) == ("ready", None, 30_500)
    assert (asset.state, asset.bytes, asset.sha256, asset.verified) == ("stored", len(data), sha256(data), "digest")
    assert (asset.source_url, asset.upload, asset.content_type) == (None, None, "video/mp4")
    assert asset.stored_at is not None
    assert scene.local.path(asset.location).read_bytes() == data
    assert (await scene.story())[2:] == [("archiving", "Storing the video for good"), ("ready", "Stored and verified")]
    ready = (await scene.entries("ready"))[0]
    assert {key: ready.data[key] for key in ("bytes", "store", "sha256")} == {
        "bytes": len(data), "store": "local", "sha256": sha256(data),
    }  # fmt: skip
    shown = (await scene.updates())[-1]
    assert shown["asset"]["url"] == f"/media/{asset.id}"
    assert shown["asset"]["sha256"] == sha256(data)


async def test_the_key_goes_to_heygen_and_never_to_the_asset_host(scene: Scene, host: Host) -> None:
    scene.heygen_says({"video_url": host.put("/a.mp4", whole(film()))})
    await scene.settle(scene.handler(), await scene.video(None))
    keys = {request.path: request.headers.get("X-Api-Key") for request in host.requests}
    assert keys == {"/v3/videos/v1": KEY, "/a.mp4": None}


async def test_what_else_heygen_has_is_wanted_too(scene: Scene, host: Host) -> None:
    url = host.put("/a.mp4", whole(film()))
    captioned = {"captioned_video_url": "https://h/c.mp4"}
    scene.heygen_says({"video_url": url} | OTHER_LINKS | captioned)
    work = await scene.video(None)
    await scene.settle(scene.handler(), work)
    wanted = {role: (row.state, row.source_url) for role, row in (await scene.assets()).items() if role != "video"}
    assert wanted == {
        "poster": ("pending", "https://h/t.jpg"),
        "gif": ("pending", "https://h/g.gif"),
        "captions": ("pending", "https://h/s.srt"),
        "captioned": ("pending", "https://h/c.mp4"),
    }
    assert len(await scene.jobs("archive_asset")) == 5


async def test_another_asset_is_noted_and_shown(scene: Scene, host: Host) -> None:
    url, poster = host.put("/a.mp4", whole(film())), host.put("/p.jpg", whole(clip("tour.jpg")))
    work = await scene.video(url)
    await scene.settle(scene.handler(asks=False), work)
    extra = await scene.another(work, "poster", poster)
    assert await scene.settle(scene.handler(asks=False), extra)
    assert (await scene.story())[-1] == ("asset", "Stored the poster")
    assert (await scene.updates())[-1]["asset"]["poster_url"] == f"/media/{extra.asset_id}"
    assert (await scene.row(work)).state == "ready"


async def test_the_same_failure_is_told_once_in_a_row(scene: Scene, host: Host) -> None:
    work = await scene.video(host.put("/a.mp4", status(503)))
    for _ in range(3):
        with pytest.raises(FetchFailed):
            await scene.handler(asks=False)(work)
    assert len(await scene.entries("attempt_failed")) == 1


async def test_a_failed_attempt_stays_in_the_timeline(scene: Scene, host: Host) -> None:
    work = await scene.video(host.put("/a.mp4", status(503)))
    with pytest.raises(Exception, match="answers 503"):
        await scene.handler(asks=False)(work)
    kind, message = (await scene.story())[-1]
    assert kind == "attempt_failed"
    assert message.endswith(" answers 503")


async def test_a_failed_attempt_tells_how_far_it_came(scene: Scene, host: Host) -> None:
    data = film()
    work = await scene.video(host.put("/a.mp4", whole(data, etag=None, most=1000)))
    with pytest.raises(FetchFailed, match="no ETag to resume by"):
        await scene.handler(asks=False)(work)
    (entry,) = await scene.entries("attempt_failed")
    assert (entry.data["bytes"], entry.data["total"]) == (1000, len(data))


async def test_a_stored_asset_is_not_touched_again(scene: Scene, host: Host) -> None:
    work = await scene.video(host.put("/a.mp4", whole(film())))
    assert await scene.settle(scene.handler(asks=False), work)
    assert not await scene.settle(scene.handler(asks=False), work)
    assert host.asked("/a.mp4") == 1


async def test_a_deleted_video_needs_nothing(scene: Scene) -> None:
    work = await scene.video(None)
    await scene.db.write(lambda tx: scene.lifecycle.delete(tx, work.video_id))
    assert await scene.handler()(work) is None


async def test_a_video_deleted_at_the_last_moment_needs_nothing(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    work = await scene.video(None)
    handler, begin = scene.handler(), ArchiveHandler._begin

    def deleted_first(self: ArchiveHandler, tx: Any, work: ArchiveAsset) -> bool:
        tx.execute(delete(videos).where(videos.c.id == work.video_id))
        return begin(self, tx, work)

    monkeypatch.setattr(ArchiveHandler, "_begin", deleted_first)
    assert await handler(work) is None


@pytest.mark.parametrize("state", [State.FAILED, State.RENDERING])
async def test_a_video_in_another_state_is_left_alone(scene: Scene, host: Host, state: State) -> None:
    work = await scene.video(host.put("/a.mp4", whole(film())))
    await scene.set_state(work, state)
    assert await scene.handler(asks=False)(work) is None
    assert host.requests == []


async def test_an_attempt_that_was_begun_goes_on(scene: Scene, host: Host) -> None:
    work = await scene.video(host.put("/a.mp4", whole(film())))
    await scene.set_state(work, State.ARCHIVING)
    assert await scene.settle(scene.handler(asks=False), work)
    assert (await scene.row(work)).state == "ready"


async def test_an_unarchived_video_is_archived_again(scene: Scene, host: Host) -> None:
    work = await scene.video(host.put("/a.mp4", whole(film())))
    await scene.set_state(work, State.UNARCHIVED, failure_code="x", failure_message="x")
    assert await scene.settle(scene.handler(asks=False), work)
    video = await scene.row(work)
    assert (video.state, video.failure_message) == ("ready", None)


async def test_a_file_whose_video_was_deleted_meanwhile_is_deleted_too(scene: Scene, host: Host) -> None:
    work = await scene.video(host.put("/a.mp4", whole(film())))
    effect = await scene.handler(asks=False)(work)
    assert effect is not None
    await scene.db.write(lambda tx: scene.lifecycle.delete(tx, work.video_id))
    await scene.db.write(effect)
    location = f"{work.asset_id[-2:]}/{work.asset_id}.mp4"
    assert await scene.jobs("delete_stored") == [{"store": "local", "location": location}]
    await DeleteHandler(scene.db, scene.stores, scene.destinations)(DeleteStored(store="local", location=location))
    assert not scene.local.path(location).exists()


async def test_an_attempt_that_fails_after_the_video_was_deleted_is_not_noted(scene: Scene, host: Host) -> None:
    work = await scene.video(None)
    failure = Failure("x", "x", True)
    await scene.db.write(lambda tx: scene.lifecycle.delete(tx, work.video_id))
    reached = Progress(untold, scene.clock, work.video_id, None)
    await scene.db.write(lambda tx: scene.settling.failed(tx, work, "video", failure, reached))
    await scene.db.write(lambda tx: scene.handler().on_dead(tx, work, failure))
    assert await scene.story() == []


async def test_a_store_that_is_no_longer_configured_is_named(scene: Scene) -> None:
    work = await scene.video("https://h/a.mp4", store="cloudinary")
    with pytest.raises(StoreRefused, match="the store cloudinary is not among REELHOOK_STORES"):
        await scene.handler(asks=False)(work)
    with pytest.raises(StoreRefused, match="video/x is still in it"):
        await DeleteHandler(scene.db, scene.stores, scene.destinations)(
            DeleteStored(store="cloudinary", location="video/x")
        )


async def test_all_attempts_used_makes_the_video_unarchived_with_the_reason(scene: Scene) -> None:
    work = await scene.video(None)
    await scene.set_state(work, State.ARCHIVING)
    failure = Failure("store_full", "no space left in /media", True)
    await scene.db.write(lambda tx: scene.handler().on_dead(tx, work, failure))
    video = await scene.row(work)
    assert (video.state, video.failure_code) == ("unarchived", "store_full")
    assert video.failure_message == "no space left in /media"
    assert (await scene.updates())[-1]["failure"]["message"] == "no space left in /media"


@pytest.mark.parametrize(("code", "outcome"), [("link_used_up", "lost"), ("store_full", "gave_up")])
async def test_a_file_whose_link_ended_counts_as_lost(scene: Scene, code: str, outcome: str) -> None:
    work, before = await scene.video(None), measured("reelhook_archives_total", store="local", outcome=outcome)
    await scene.set_state(work, State.ARCHIVING)
    await scene.db.write(lambda tx: scene.handler().on_dead(tx, work, Failure(code, "gone", False)))
    assert measured("reelhook_archives_total", store="local", outcome=outcome) == before + 1


async def test_it_is_measured_how_long_the_link_would_still_have_lived(scene: Scene, host: Host) -> None:
    ends = int((scene.clock.now() + timedelta(minutes=10)).timestamp())
    url = host.put("/a.mp4", whole(film())).partition("?")[0]
    work = await scene.video(f"{url}?Expires={ends}")
    names = ("reelhook_link_left_seconds_sum", "reelhook_link_left_seconds_count")
    before = [measured(name) for name in names]
    assert await scene.settle(scene.handler(asks=False), work)
    assert [measured(name) - was for name, was in zip(names, before, strict=True)] == pytest.approx([600, 1])


async def test_another_asset_that_is_given_up_leaves_the_video_ready(scene: Scene, host: Host) -> None:
    work = await scene.video(host.put("/a.mp4", whole(film())))
    await scene.settle(scene.handler(asks=False), work)
    extra = await scene.another(work, "gif", "https://h/g.gif")
    await scene.db.write(lambda tx: scene.handler().on_dead(tx, extra, Failure("x", "it is a web page", True)))
    assert (await scene.row(work)).state == "ready"
    assert (await scene.story())[-1] == ("asset_failed", "The GIF is not stored: it is a web page")


async def test_progress_is_told_at_most_twice_a_second_and_at_the_end(scene: Scene, host: Host) -> None:
    data = film(3_000_000)
    work = await scene.video(host.put("/a.mp4", whole(data)))
    await scene.settle(scene.handler(asks=False), work)
    assert [(told[0], told[1], told[3]) for told in scene.told] == [(work.video_id, "ann", len(data))] * 2
    assert scene.told[0][2] < scene.told[1][2] == len(data)


async def test_only_the_video_itself_tells_its_progress(scene: Scene, host: Host) -> None:
    work = await scene.another(await scene.video(None), "gif", host.put("/g.gif", whole(clip("tour.gif"))))
    await scene.settle(scene.handler(asks=False), work)
    assert scene.told == []


async def test_a_stopped_worker_is_no_failed_attempt(scene: Scene, host: Host) -> None:
    reached = asyncio.Event()

    async def never(_: Any) -> Any:
        reached.set()
        await asyncio.Event().wait()

    work = await scene.video(host.put("/a.mp4", never))
    task = asyncio.create_task(scene.handler(asks=False)(work))
    await asyncio.wait_for(reached.wait(), 10)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await scene.entries("attempt_failed") == []
    assert (await scene.row(work)).state == "archiving"


def test_an_attempt_may_start_its_download_once_more() -> None:
    assert archive_limit_s(3600) == 8100
