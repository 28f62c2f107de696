"""Which link a file is fetched by, and what is done when that leads nowhere."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from reelhook.archive.errors import (
    LinkExpired,
    LinkUsedUp,
    NoLink,
    NotMedia,
    RenderFailed,
    SourceRefused,
    WrongMedia,
)
from reelhook.db.tables import videos
from reelhook.heygen import HeyGenError, HeyGenRefused, HeyGenUnavailable
from reelhook.jobs import Postpone
from reelhook.videos import State
from tests.archive.conftest import QuickClock
from tests.archive.host import Host, clip, film, status, whole
from tests.archive.scene import Scene


def alive(url: str) -> str:
    """The same link, with an end that is far away."""
    return url.replace("Expires=1&", "Expires=9999999999&")


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
