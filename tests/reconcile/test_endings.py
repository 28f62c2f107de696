"""Every video ends: no state is for ever but those that are ends."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from reelhook.db.tables import assets, events, jobs
from reelhook.heygen import HeyGenUnauthorized, HeyGenUnavailable, RemoteVideo
from reelhook.jobs import Failure, Postpone
from reelhook.jobs.kinds import ArchiveAsset, EndVideos
from reelhook.reconcile import endings
from reelhook.reconcile.endings import EndHandler
from reelhook.videos import State
from tests.reconcile.scene import HOUR, SUCCESS, Scene


async def end(scene: Scene, *, asks: bool = True) -> None:
    """One round, with the patience of a day."""
    await EndHandler(scene.core, scene.asking if asks else None, timedelta(hours=24))(EndVideos())
    await scene.applied()


async def test_what_heygen_never_finishes_fails_with_our_reason(scene: Scene) -> None:
    video_id = await scene.video()
    scene.heygen.stands_as("hg-1", "waiting")
    scene.clock.move(23 * HOUR)
    await end(scene)
    assert await scene.state(video_id) == "rendering"
    scene.clock.move(2 * HOUR)
    await end(scene)
    row = await scene.row(video_id)
    assert (row.state, row.failed_by, row.failure_code) == ("failed", "reelhook", "gave_up_waiting")
    assert "within 24 hours" in row.failure_message
    assert scene.heygen.number("statuses") == 1


async def test_it_is_asked_first_and_what_heygen_did_finish_goes_on(scene: Scene) -> None:
    done, failed = await scene.video("hg-1"), await scene.video("hg-2")
    scene.heygen.stands_as("hg-1", "completed")
    scene.heygen.stands_as("hg-2", "failed", failure_code="c", failure_message="no")
    scene.clock.move(25 * HOUR)
    await end(scene)
    assert await scene.state(done) == "rendered"
    row = await scene.row(failed)
    assert (row.state, row.failed_by) == ("failed", "heygen")


async def test_a_late_delivery_still_brings_a_video_that_was_given_up(scene: Scene) -> None:
    video_id = await scene.video()
    scene.clock.move(25 * HOUR)
    await end(scene)
    assert await scene.state(video_id) == "failed"
    await scene.delivered(url="https://h/v.mp4")
    await scene.applied()
    row = await scene.row(video_id)
    assert (row.state, row.failed_by, row.failure_code) == ("rendered", None, None)


async def test_what_nobody_can_be_asked_about_is_given_up_too(scene: Scene) -> None:
    nameless = await scene.video(None, state=State.REQUESTED)
    unreadable = await scene.video("hg-2", kind="personalized_video")
    scene.clock.move(25 * HOUR)
    await end(scene)
    assert {await scene.state(nameless), await scene.state(unreadable)} == {"failed"}
    assert scene.heygen.asked == []


async def test_without_a_key_nobody_is_asked(scene: Scene) -> None:
    video_id = await scene.video()
    scene.heygen.stands_as("hg-1", "completed")
    scene.clock.move(25 * HOUR)
    await end(scene, asks=False)
    assert (await scene.state(video_id), scene.heygen.asked) == ("failed", [])


@pytest.mark.parametrize("trouble", [HeyGenUnavailable("away"), Postpone(60, "HeyGen is down")])
async def test_while_heygen_is_away_it_is_waited_for_as_long_again(scene: Scene, trouble: Exception) -> None:
    video_id = await scene.video()
    scene.clock.move(25 * HOUR)
    scene.heygen.fails["statuses"] = [trouble, trouble]
    await end(scene)
    assert await scene.state(video_id) == "rendering"
    scene.clock.move(24 * HOUR)
    await end(scene)
    assert await scene.state(video_id) == "failed"
    assert scene.heygen.number("statuses") == 1


async def test_a_key_that_is_refused_is_waited_for_as_long_again(scene: Scene) -> None:
    video_id = await scene.video()
    scene.clock.move(25 * HOUR)
    scene.heygen.fails["statuses"] = [HeyGenUnauthorized("the key")]
    await end(scene)
    assert await scene.state(video_id) == "rendering"
    scene.clock.move(24 * HOUR)
    await end(scene)
    assert await scene.state(video_id) == "failed"


async def test_what_was_told_before_the_trouble_counts(scene: Scene) -> None:
    told, untold = await scene.video("hg-1"), await scene.video("s-1", kind="video_agent")
    done = await scene.video("hg-2")
    scene.heygen.stands_as("hg-1", "waiting")
    scene.heygen.stands_as("hg-2", "completed")
    scene.heygen.fails["get_video"] = [HeyGenUnavailable("away")]
    scene.clock.move(25 * HOUR)
    await end(scene)
    assert [await scene.state(one) for one in (told, untold, done)] == ["failed", "rendering", "rendered"]


async def test_an_end_that_is_never_applied_does_not_keep_a_video_for_ever(scene: Scene) -> None:
    video_id = await scene.video()
    scene.heygen.stands_as("hg-1", "completed")
    handler = EndHandler(scene.core, scene.asking, timedelta(hours=24))
    for _ in range(2):
        scene.clock.move(25 * HOUR)
        await handler(EndVideos())  # and the event is not applied
    assert [event.type for event in await scene.rows(events)] == [SUCCESS]
    assert await scene.state(video_id) == "failed"


async def test_what_moved_on_meanwhile_is_not_failed(scene: Scene) -> None:
    video_id = await scene.video("s-1", kind="video_agent")

    class Finishes(type(scene.heygen)):  # type: ignore[misc]
        async def get_video(self, kind: str, heygen_id: str) -> RemoteVideo:
            await scene.edit(video_id, state="ready")
            return RemoteVideo(heygen_id, "waiting", "generating")

    scene.heygen.__class__ = Finishes
    scene.clock.move(25 * HOUR)
    await end(scene)
    assert await scene.state(video_id) == "ready"


async def rendered(scene: Scene) -> tuple[str, Any]:
    """A video whose main file waits to be stored, and that file."""
    video_id = await scene.video()
    await scene.delivered(url="https://h/v.mp4")
    await scene.applied()
    (asset,) = await scene.rows(assets)
    return video_id, asset


async def settle_job(scene: Scene, **values: Any) -> None:
    await scene.db.write(lambda tx: tx.execute(update(jobs).where(jobs.c.kind == "archive_asset").values(**values)))


@pytest.mark.parametrize("state", ["available", "retryable", "running"])
async def test_what_is_being_stored_is_left_alone(scene: Scene, state: str) -> None:
    video_id, _ = await rendered(scene)
    await settle_job(scene, state=state)
    await end(scene)
    assert await scene.state(video_id) == "rendered"
    assert "taken_up" not in dict(await scene.notes(video_id))


@pytest.mark.parametrize("state", [State.RENDERED, State.ARCHIVING])
async def test_what_nobody_stores_any_more_is_taken_up_again(scene: Scene, state: State) -> None:
    video_id, asset = await rendered(scene)
    await settle_job(scene, state="done")
    await scene.edit(video_id, state=state)
    await end(scene)
    assert await scene.open_jobs("archive_asset") == [{"video_id": video_id, "asset_id": asset.id}]
    assert (await scene.notes(video_id))[-1][0] == "taken_up"
    await end(scene)
    assert len(await scene.open_jobs("archive_asset")) == 1


async def test_a_job_whose_row_is_lost_is_made_anew_and_so_is_an_asset(scene: Scene) -> None:
    video_id, _ = await rendered(scene)
    await scene.db.write(lambda tx: tx.execute(jobs.delete()))
    await scene.db.write(lambda tx: tx.execute(assets.delete()))
    await end(scene)
    (asset,) = await scene.rows(assets)
    assert (asset.role, asset.source_url) == ("video", "https://h/v.mp4")
    assert await scene.open_jobs("archive_asset") == [{"video_id": video_id, "asset_id": asset.id}]


async def test_a_dead_letter_that_said_nothing_leaves_the_video_unarchived(scene: Scene) -> None:
    video_id, _ = await rendered(scene)
    failure = Failure("unexpected", "it broke while it broke", True)
    await settle_job(scene, state="dead", error=failure.shown())
    await end(scene)
    row = await scene.row(video_id)
    assert (row.state, row.failure_code, row.failure_message) == ("unarchived", "unexpected", failure.message)
    assert await scene.open_jobs("archive_asset") == []


async def test_the_dead_letter_of_another_file_is_no_reason(scene: Scene) -> None:
    video_id, _ = await rendered(scene)
    await settle_job(scene, state="done")
    other = ArchiveAsset(video_id=video_id, asset_id=scene.ids.new())
    await scene.db.write(lambda tx: scene.core.queue.add(tx, other))
    died = {"state": "dead", "error": Failure("no_link", "gone", False).shown()}
    await scene.db.write(lambda tx: tx.execute(update(jobs).where(jobs.c.state == "available").values(**died)))
    await end(scene)
    assert await scene.state(video_id) == "rendered"
    assert len(await scene.open_jobs("archive_asset")) == 1


async def test_a_video_deleted_or_taken_up_in_between_is_let_go(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    video_id, _ = await rendered(scene)
    found = endings._stranded
    monkeypatch.setattr(endings, "_stranded", lambda conn, one=None: found(conn, one) if one else [video_id, "gone"])
    await end(scene)
    assert "taken_up" not in dict(await scene.notes(video_id))
