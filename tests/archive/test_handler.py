"""One asset from HeyGen's link to a stored file, and everything that can get in between."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from reelhook.archive import ArchiveHandler, DeleteHandler, archive_limit_s
from reelhook.archive.errors import (
    FetchFailed,
    LinkExpired,
    LinkUsedUp,
    NoLink,
    NotMedia,
    OtherBytes,
    RenderFailed,
    SourceRefused,
    StoreFull,
    StoreRefused,
    StoreUnavailable,
    WrongMedia,
)
from reelhook.archive.fetch import Download
from reelhook.archive.stores import Asset, Stored
from reelhook.db.tables import assets, videos
from reelhook.errors import DatabaseUnavailable
from reelhook.heygen import HeyGenError, HeyGenRefused, HeyGenUnavailable
from reelhook.jobs import Failure, Postpone
from reelhook.jobs.kinds import ArchiveAsset, DeleteStored
from reelhook.videos import State
from tests.archive.conftest import QuickClock
from tests.archive.host import Host, clip, film, sha256, status, whole
from tests.archive.scene import KEY, Scene


def alive(url: str) -> str:
    """The same link, with an end that is far away."""
    return url.replace("Expires=1&", "Expires=9999999999&")


OTHER_LINKS = {"thumbnail_url": "https://h/t.jpg", "gif_url": "https://h/g.gif", "subtitle_url": "https://h/s.srt"}


async def test_the_video_is_fetched_stored_and_ready(scene: Scene, host: Host) -> None:
    data = film(2_000_000)
    url = host.put("/a.mp4", whole(data))
    scene.heygen_says({"video_url": url})
    work = await scene.video(None)
    assert await scene.settle(scene.handler(), work)
    video, asset = await scene.row(work), (await scene.assets())["video"]
    assert (video.state, video.source_url) == ("ready", None)
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


async def test_another_assets_link_is_used_before_heygen_is_asked(scene: Scene, host: Host) -> None:
    scene.heygen_says({"thumbnail_url": host.put("/fresh.jpg", whole(clip("tour.jpg")))})
    work = await scene.another(await scene.video(None), "poster", host.put("/old.jpg", whole(clip("tour.jpg"))))
    await scene.settle(scene.handler(), work)
    assert [request.path for request in host.requests] == ["/old.jpg"]


async def test_another_assets_expired_link_is_made_fresh(scene: Scene, host: Host) -> None:
    scene.heygen_says({"thumbnail_url": host.put("/fresh.jpg", whole(clip("tour.jpg")))})
    work = await scene.another(await scene.video(None), "poster", host.put("/old.jpg", status(403)))
    assert await scene.settle(scene.handler(), work)
    assert [request.path for request in host.requests] == ["/old.jpg", "/v3/videos/v1", "/fresh.jpg"]


async def test_an_asset_nobody_has_a_link_to_is_tried_again(scene: Scene) -> None:
    scene.heygen_says({})
    work = await scene.another(await scene.video(None), "gif", None)
    with pytest.raises(NoLink):
        await scene.handler()(work)


async def test_without_a_key_the_events_own_link_is_used(scene: Scene, host: Host) -> None:
    work = await scene.video(host.put("/a.mp4", whole(film())))
    assert await scene.settle(scene.handler(asks=False), work)
    assert (await scene.row(work)).state == "ready"


async def test_without_a_key_and_without_a_link_there_is_none_yet(scene: Scene) -> None:
    with pytest.raises(NoLink) as caught:
        await scene.handler(asks=False)(await scene.video(None))
    assert caught.value.retryable


async def test_heygens_link_goes_before_the_events(scene: Scene, host: Host) -> None:
    scene.heygen_says({"video_url": host.put("/fresh.mp4", whole(film()))})
    await scene.settle(scene.handler(), await scene.video(host.put("/old.mp4", whole(film()))))
    assert await scene.jobs("confirm_video") == []
    assert host.asked("/fresh.mp4") == 1
    assert host.asked("/old.mp4") == 0


@pytest.mark.parametrize("code", [401, 404, 429, 503])
async def test_when_heygen_does_not_answer_the_events_link_will_do(scene: Scene, host: Host, code: int) -> None:
    scene.heygen_refuses(code)
    work = await scene.video(host.put("/a.mp4", whole(film())))
    assert await scene.settle(scene.handler(), work)
    confirm = {"video_id": work.video_id, "event_id": None}
    assert await scene.jobs("confirm_video") == [confirm], "what else there is of the video, HeyGen is asked later"


@pytest.mark.parametrize("code", [429, 503])
async def test_of_a_video_with_captions_heygen_must_name_the_clean_file(
    scene: Scene, host: Host, clock: QuickClock, code: int
) -> None:
    captioned = host.put("/captioned.mp4", whole(film()))
    work = await scene.video(captioned)
    await scene.set_state(work, State.RENDERED, request={"type": "avatar", "caption": True})
    scene.heygen_refuses(code)
    with pytest.raises((HeyGenError, Postpone)):
        await scene.handler()(work)
    assert host.asked("/captioned.mp4") == 0
    clock.move(60)
    scene.heygen_says({"video_url": host.put("/clean.mp4", whole(film()))})
    assert await scene.settle(scene.handler(), work)
    assert host.asked("/clean.mp4") == 1


async def test_the_captioned_file_is_better_than_none_when_heygen_will_never_answer(scene: Scene, host: Host) -> None:
    work = await scene.video(host.put("/captioned.mp4", whole(film())))
    await scene.set_state(work, State.RENDERED, request={"type": "avatar", "caption": True})
    scene.heygen_refuses(404)
    assert await scene.settle(scene.handler(), work)


@pytest.mark.parametrize(("code", "error"), [(404, HeyGenRefused), (500, HeyGenUnavailable)])
async def test_when_heygen_does_not_answer_and_there_is_no_link_its_error_counts(
    scene: Scene, code: int, error: type[Exception]
) -> None:
    scene.heygen_refuses(code)
    with pytest.raises(error, match="HeyGen"):
        await scene.handler()(await scene.video(None))


@pytest.mark.parametrize("code", [401, 429])
async def test_without_a_link_and_without_heygen_the_work_waits(scene: Scene, code: int) -> None:
    scene.heygen_refuses(code)
    work = await scene.video(None)
    for _ in range(3):
        with pytest.raises(Postpone, match="waiting for heygen"):
            await scene.handler()(work)
    (told,) = await scene.entries("waiting")
    assert told.message.startswith("waiting for heygen: HeyGen")
    assert await scene.entries("attempt_failed") == []
    assert scene.host.asked("/v3/videos/v1") == 1, "once the first is refused, the others do not ask"


async def test_a_video_heygen_has_not_named_has_only_the_events_link(scene: Scene, host: Host) -> None:
    work = await scene.video(alive(host.put("/a.mp4", status(403))), heygen_id=None)
    with pytest.raises(LinkExpired):
        await scene.handler()(work)
    assert [request.path for request in host.requests] == ["/a.mp4"]


async def test_a_link_that_has_expired_is_used_up_when_nobody_has_a_fresh_one(scene: Scene, host: Host) -> None:
    work = await scene.video(host.put("/a.mp4", status(403)))
    with pytest.raises(LinkUsedUp, match="a fresh link needs REELHOOK_HEYGEN_API_KEY") as caught:
        await scene.handler(asks=False)(work)
    assert not caught.value.retryable


async def test_a_store_that_takes_nothing_is_waited_for_and_the_story_says_so_once(scene: Scene, host: Host) -> None:
    scene.stores = {"cloudinary": Odd(StoreFull("no space left"))}
    work = await scene.video(host.put("/a.mp4", whole(film())), store="cloudinary")
    for _ in range(3):
        with pytest.raises(Postpone):
            await scene.handler(asks=False)(work)
    assert [entry.message for entry in await scene.entries("waiting")] == ["waiting for cloudinary: no space left"]
    assert host.asked("/a.mp4") == 1, "nothing is fetched for a store that is down"


async def test_the_same_failure_is_told_once_in_a_row(scene: Scene, host: Host) -> None:
    work = await scene.video(host.put("/a.mp4", status(503)))
    for _ in range(3):
        with pytest.raises(FetchFailed):
            await scene.handler(asks=False)(work)
    assert len(await scene.entries("attempt_failed")) == 1


async def test_the_earlier_a_link_dies_the_earlier_its_file_is_fetched(scene: Scene, host: Host) -> None:
    dies_in = {"week": 604_800, "hour": 3600}
    now = int(scene.clock.now().timestamp())
    for name, seconds in dies_in.items():
        await scene.video(f"https://h/{name}.mp4?Expires={now + seconds}", heygen_id=name)
    await scene.video("https://h/unknown.mp4", heygen_id="unknown")
    claimed = await scene.db.write(lambda tx: scene.queue.claim(tx, "w", timedelta(seconds=30), 5))
    known = {row.id: row.heygen_video_id for row in await scene.all(select(videos))}
    assert [known[job.payload["video_id"]] for job in claimed] == ["hour", "unknown", "week"]


async def test_an_expired_link_is_made_fresh_within_the_attempt(scene: Scene, host: Host) -> None:
    old, fresh = host.put("/old.mp4", status(403)), host.put("/fresh.mp4", whole(film()))
    scene.heygen_says({"video_url": old}, {"video_url": fresh})
    work = await scene.video(None)
    assert await scene.settle(scene.handler(), work)
    assert await scene.entries("attempt_failed") == []


async def test_a_web_page_is_answered_with_a_fresh_link_too(scene: Scene, host: Host) -> None:
    old, fresh = host.put("/old.mp4", status(200, b"<html>Please wait</html>")), host.put("/b.mp4", whole(film()))
    scene.heygen_says({"video_url": old}, {"video_url": fresh})
    assert await scene.settle(scene.handler(), await scene.video(None))


@pytest.mark.parametrize(("answer", "error"), [(status(404), LinkExpired), (status(200, b"<html>"), NotMedia)])
async def test_a_fresh_link_is_tried_once_and_then_the_attempt_has_failed(
    scene: Scene, host: Host, answer: Any, error: type[Exception]
) -> None:
    scene.heygen_says({"video_url": host.put("/a.mp4", answer)})
    with pytest.raises(error) as caught:
        await scene.handler()(await scene.video(None))
    assert caught.value.retryable  # type: ignore[attr-defined]
    assert host.asked("/a.mp4") == 2


async def test_the_failed_link_itself_is_not_tried_again_when_heygen_is_away(scene: Scene, host: Host) -> None:
    work = await scene.video(host.put("/a.mp4", status(403)))
    scene.heygen_refuses(503)
    with pytest.raises(Exception, match="HeyGen"):
        await scene.handler()(work)
    assert host.asked("/a.mp4") == 1


async def test_without_a_key_a_wrong_file_is_final_but_a_late_one_is_not(scene: Scene, host: Host) -> None:
    work = await scene.video(alive(host.put("/a.mp4", status(200, b"<html>"), status(404))))
    with pytest.raises(WrongMedia) as final:
        await scene.handler(asks=False)(work)
    assert not final.value.retryable
    with pytest.raises(LinkExpired) as later:
        await scene.handler(asks=False)(work)
    assert later.value.retryable


async def test_a_link_to_the_inside_is_refused_for_good_with_the_reason(scene: Scene) -> None:
    scene.heygen_says({"video_url": "http://169.254.169.254/latest/meta-data?Signature=SECRET"})
    work = await scene.video(None)
    with pytest.raises(SourceRefused) as caught:
        await scene.handler()(work)
    assert not caught.value.retryable
    note = (await scene.entries("attempt_failed"))[0]
    assert "169.254.169.254:80 is not a public address" in note.message
    assert note.data == {"role": "video", "code": "address_refused", "retryable": False}
    assert "SECRET" not in note.message


async def test_heygen_still_rendering_costs_no_attempt(scene: Scene) -> None:
    scene.heygen_says({"status": "processing"})
    work = await scene.video(None)
    with pytest.raises(Postpone, match="processing"):
        await scene.handler()(work)
    assert await scene.entries("attempt_failed") == []
    assert (await scene.row(work)).state == "archiving"


async def test_heygen_still_rendering_after_a_day_is_an_error(scene: Scene, clock: QuickClock) -> None:
    scene.heygen_says({"status": "processing"})
    work = await scene.video(None)
    clock.move(timedelta(hours=25).total_seconds())
    with pytest.raises(NoLink, match="more than a day"):
        await scene.handler()(work)


async def test_heygen_still_rendering_with_no_time_to_count_from_waits(scene: Scene) -> None:
    scene.heygen_says({"status": "processing"})
    work = await scene.video(None)
    await scene.set_state(work, State.ARCHIVING, rendered_at=None)
    with pytest.raises(Postpone):
        await scene.handler()(work)


@pytest.mark.parametrize(
    ("told", "reason"),
    [({"failure_message": "out of credit"}, "out of credit"), ({"failure_code": "E7"}, "E7"), ({}, "gives no reason")],
)
async def test_a_video_that_failed_after_all_is_not_stored(scene: Scene, told: dict[str, str], reason: str) -> None:
    scene.heygen_says({"status": "failed", "video_url": "https://h/a.mp4", **told})
    with pytest.raises(RenderFailed, match=reason) as caught:
        await scene.handler()(await scene.video(None))
    assert not caught.value.retryable


async def test_completed_without_a_link_is_tried_again(scene: Scene) -> None:
    scene.heygen_says({"video_url": None})
    with pytest.raises(NoLink) as caught:
        await scene.handler()(await scene.video(None))
    assert caught.value.retryable


async def test_a_failed_attempt_stays_in_the_timeline(scene: Scene, host: Host) -> None:
    work = await scene.video(host.put("/a.mp4", status(503)))
    with pytest.raises(Exception, match="answers 503"):
        await scene.handler(asks=False)(work)
    kind, message = (await scene.story())[-1]
    assert kind == "attempt_failed"
    assert message.endswith(" answers 503")


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
    await scene.db.write(lambda tx: scene.settling.failed(tx, work, "video", failure))
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


class Odd:
    """A store with an opinion of its own."""

    def __init__(self, *errors: Exception) -> None:
        self.errors, self.puts = list(errors), 0

    async def put(self, asset: Asset, download: Download) -> Stored:
        self.puts += 1
        await asset.remember({"try": self.puts})
        if self.errors:
            raise self.errors.pop(0)
        kept = b"".join([piece async for piece in download.chunks])
        poster = "https://cdn/p.jpg"
        return Stored("video/x", "https://cdn/x.mp4", len(kept), None, "m", "video/mp4", "length", poster)

    async def delete(self, location: str) -> None: ...

    async def check(self) -> None: ...

    def close(self) -> None: ...


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
    with pytest.raises(StoreUnavailable):
        await scene.handler(asks=False)(work)
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


def test_an_attempt_may_start_its_download_once_more() -> None:
    assert archive_limit_s(3600) == 8100
