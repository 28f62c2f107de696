"""A replay is harmless for what was applied before, and makes count what was not."""

from typing import Any

import orjson
import pytest
from sqlalchemy import select, update

from reelhook.db import Database
from reelhook.db.tables import assets, events, jobs, stream, timeline, videos
from reelhook.errors import Conflict
from reelhook.inbox.applying import HEYGEN_IS_ASKED, HINT_WITHOUT_KEY, VIDEO_GONE
from reelhook.inbox.handler import ConfirmHandler
from reelhook.jobs import Destinations, Failure
from reelhook.jobs.event_filter import EventFilter
from reelhook.jobs.kinds import ConfirmVideo, ReplayEvents
from reelhook.kit.ids import Ids
from reelhook.videos import State
from reelhook.videos.states import FailedBy
from tests.conftest import StillClock
from tests.measured import measured

from .replaying import Scene, told
from .test_applying import Broken
from .test_confirming import URL, Answers


@pytest.fixture
def scene(db: Database, clock: StillClock, ids: Ids) -> Scene:
    return Scene(db, clock, ids)


async def world(scene: Scene) -> list[Any]:
    """Everything that a replay without effect must leave alone."""
    return [await scene.rows(table) for table in (videos, timeline, stream, assets, jobs)]


async def test_an_applied_event_stays_as_it_is_and_notes_the_replay(scene: Scene) -> None:
    (event_id,) = await scene.applied(told(thumbnail_url="https://files.heygen.example/p.jpg"))
    before, first = await world(scene), await scene.event(event_id)
    await scene.replayed(event_id)
    again = await scene.event(event_id)
    assert await world(scene) == before
    assert (again.state, again.verdict, again.applied_at) == (first.state, first.verdict, first.applied_at)
    assert (again.replays, again.replayed_at) == (1, scene.clock.now())
    assert again.replay_verdict == "ignored: the video is already rendered"


@pytest.mark.parametrize(
    ("state", "by"), [(State.READY, None), (State.FAILED, FailedBy.HEYGEN), (State.UNARCHIVED, FailedBy.REELHOOK)]
)
async def test_no_replay_moves_a_finished_video(state: State, by: FailedBy | None, scene: Scene) -> None:
    success, fail = await scene.applied(told(), told("avatar_video.fail", msg="late"))
    await scene.db.write(lambda tx: tx.execute(update(videos).values(state=state, failed_by=by)).rowcount)
    before = await world(scene)
    await scene.replayed(success, fail)
    assert await world(scene) == before


async def test_what_its_dead_job_left_pending_is_applied(scene: Scene) -> None:
    (event_id,) = await scene.stored(told())
    await scene.replayed(event_id)
    event, (video,) = await scene.event(event_id), await scene.rows(videos)
    assert (event.state, event.verdict, event.video_id) == ("applied", "rendered", video.id)
    assert (event.applied_at, event.replays, event.replay_verdict) == (scene.clock.now(), 1, "rendered")


async def test_an_ignored_event_that_now_moves_something_becomes_applied(scene: Scene) -> None:
    (event_id,) = await scene.stored(told())
    await scene.db.write(  # by a version that did not know the type
        lambda tx: tx.execute(update(events).values(state="ignored", verdict="ignored: this type moves no video"))
    )
    waited = measured("reelhook_event_applied_seconds_count")
    await scene.replayed(event_id)
    assert measured("reelhook_event_applied_seconds_count") == waited, "it waited for a person"
    event, (video,) = await scene.event(event_id), await scene.rows(videos)
    assert (event.state, event.verdict, event.video_id) == ("applied", "rendered", video.id)


async def test_an_ignored_event_that_still_moves_nothing_keeps_its_verdict(scene: Scene) -> None:
    _, second = await scene.applied(told(), told(extra=1))
    first = await scene.event(second)
    await scene.db.write(lambda tx: tx.execute(update(videos).values(state=State.READY)).rowcount)
    await scene.replayed(second)
    event = await scene.event(second)
    assert (event.state, event.verdict, event.applied_at) == ("ignored", first.verdict, first.applied_at)
    assert event.replay_verdict == "ignored: the video is already ready"


async def test_a_replay_brings_back_what_we_gave_up_waiting_for(scene: Scene) -> None:
    (event_id,) = await scene.applied(told())
    given_up = {"state": State.FAILED, "failed_by": FailedBy.REELHOOK}
    await scene.db.write(lambda tx: tx.execute(update(videos).values(**given_up)).rowcount)
    await scene.replayed(event_id)
    ((video,), event) = await scene.rows(videos), await scene.event(event_id)
    assert (video.state, event.replay_verdict) == ("rendered", "rendered")


async def test_a_deleted_video_is_not_brought_back(scene: Scene) -> None:
    (event_id,) = await scene.applied(told())
    ((video,)) = await scene.rows(videos)
    await scene.db.write(lambda tx: scene.lifecycle.delete(tx, video.id))
    await scene.replayed(event_id)
    event = await scene.event(event_id)
    assert await scene.rows(videos) == []
    assert (event.state, event.verdict, event.replay_verdict) == ("applied", "rendered", VIDEO_GONE)
    assert event.video_id == video.id


async def test_of_several_clips_the_deleted_ones_stay_deleted(scene: Scene) -> None:
    clips = [{"id": f"c{number}", "status": "completed", "video_url": "https://f.example/c"} for number in range(3)]
    body = orjson.dumps({"event_type": "ai_clipping.success", "event_data": {"id": "job", "clips": clips}})
    (event_id,) = await scene.applied(body)
    first, *others = await scene.rows(videos)
    await scene.db.write(lambda tx: scene.lifecycle.delete(tx, first.id))
    await scene.replayed(event_id)
    assert await scene.rows(videos) == others
    noted = (await scene.event(event_id)).replay_verdict
    assert noted == f"{VIDEO_GONE}; ignored: the video is already rendered"


async def test_an_event_without_any_name_makes_no_second_video(scene: Scene) -> None:
    (event_id,) = await scene.applied(b'{"event_type":"avatar_video.fail","event_data":{"msg":"who?"}}')
    assert len(await scene.rows(videos)) == 1
    await scene.replayed(event_id)
    assert len(await scene.rows(videos)) == 1


async def test_an_older_link_never_replaces_a_newer_one(scene: Scene) -> None:
    old, _ = await scene.applied(
        told(thumbnail_url="https://files.heygen.example/old.jpg"),
        told(thumbnail_url="https://files.heygen.example/new.jpg"),
    )
    await scene.replayed(old)
    links = {asset.role: asset.source_url for asset in await scene.rows(assets)}
    assert links["poster"] == "https://files.heygen.example/new.jpg"


async def test_an_asset_that_was_not_stored_is_tried_again(scene: Scene) -> None:
    (event_id,) = await scene.applied(told(thumbnail_url="https://files.heygen.example/p.jpg"))
    await scene.db.write(lambda tx: tx.execute(update(jobs).values(state="dead")).rowcount)
    await scene.replayed(event_id)
    (again,) = [job for job in await scene.rows(jobs) if job.state == "available"]
    poster = next(asset for asset in await scene.rows(assets) if asset.role == "poster")
    assert (again.kind, again.payload["asset_id"]) == ("archive_asset", poster.id)


async def test_a_job_that_is_done_twice_replays_once(scene: Scene) -> None:
    event_ids = await scene.applied(told(), told(video="hv2"))
    asked_at = scene.clock.now()
    for _ in range(2):
        await scene.replayed(*event_ids, asked_at=asked_at)
    assert [event.replays for event in await scene.rows(events)] == [1, 1]
    await scene.replayed(*event_ids)
    assert [event.replays for event in await scene.rows(events)] == [2, 2]


async def test_a_clock_that_lags_behind_replays_no_more_often(scene: Scene) -> None:
    (event_id,) = await scene.applied(told())
    asked_at = scene.clock.now()
    scene.clock.move(-60)
    await scene.replayed(event_id, asked_at=asked_at)
    await scene.replayed(event_id, asked_at=asked_at)
    assert (await scene.event(event_id)).replays == 1


async def test_an_event_that_is_gone_is_no_trouble(scene: Scene) -> None:
    await scene.replayed("no-such-event")
    assert await scene.rows(events) == []


async def test_one_that_fails_is_tried_again_and_holds_up_no_other(scene: Scene) -> None:
    event_ids = await scene.stored(told(), told(video="hv2"))
    broken = scene.handler(Broken(scene.signals, {"hv1": Conflict("a bug")}))
    with pytest.raises(Conflict, match="a bug"):
        await broken(ReplayEvents(event_ids=event_ids, asked_at=scene.clock.now()))
    assert [(event.state, event.replays) for event in await scene.rows(events)] == [("pending", 0), ("applied", 1)]


async def test_in_a_replay_of_many_the_ones_that_fail_go_into_a_job_of_their_own(scene: Scene) -> None:
    first, second, third = await scene.stored(told(), told(video="hv2"), told(video="hv3"))
    broken = scene.handler(Broken(scene.signals, {"hv1": Conflict("a bug")}))
    which = EventFilter(type="avatar_video.success")
    asked_at = scene.clock.now()
    work = ReplayEvents(event_ids=(first, second), asked_at=asked_at, which=which, after=second, up_to=third)
    effect = await broken(work)
    assert effect is not None
    await scene.db.write(effect)
    assert await scene.work_off() == [(first,), (third,)]
    assert [event.replays for event in await scene.rows(events)] == [1, 1, 1]


async def test_a_dead_replay_says_so_and_what_was_to_follow_does(scene: Scene) -> None:
    done, pending, ignored, later = await scene.stored(told(), told(video="hv2"), b"[]", told(video="hv4"))
    settled = update(events).where(events.c.id == ignored).values(state="ignored", verdict="first")
    await scene.db.write(lambda tx: tx.execute(settled).rowcount)
    asked_at = scene.clock.now()
    await scene.replayed(done, asked_at=asked_at)
    which = EventFilter(until=scene.clock.now())
    batch = (done, pending, ignored)
    work = ReplayEvents(event_ids=batch, asked_at=asked_at, which=which, after=ignored, up_to=later)
    await scene.db.write(lambda tx: scene.handler().on_dead(tx, work, Failure("x", "a bug", False)))
    notes = [(event.verdict, event.replay_verdict) for event in await scene.rows(events)]
    assert notes == [
        ("rendered", "rendered"),
        ("not applied: a bug", "not replayed: a bug"),
        ("first", "not replayed: a bug"),
        (None, None),
    ]
    assert await scene.work_off() == [(), (later,)]


async def test_the_death_of_a_job_for_some_events_causes_no_other(scene: Scene) -> None:
    (event_id,) = await scene.stored(told())
    work = ReplayEvents(event_ids=(event_id,), asked_at=scene.clock.now())
    await scene.db.write(lambda tx: scene.handler().on_dead(tx, work, Failure("x", "a bug", False)))
    assert await scene.next_replay() is None


async def test_a_hint_is_taken_to_heygen_again(scene: Scene) -> None:
    scene.can_ask = True
    video_id = await scene.db.write(
        lambda tx: scene.lifecycle.create(
            tx, kind="avatar_video", store="local", message="", state=State.RENDERING, heygen_video_id="hv1"
        )
    )
    (event_id,) = await scene.applied(b"{}", source="callback", video_id=video_id)
    confirm = ConfirmHandler(
        scene.db,
        scene.clock,
        scene.lifecycle,
        scene.signals,
        Answers(status="completed", url=URL),
        Destinations(scene.clock, scene.ids),
    )
    work = ConfirmVideo(video_id=video_id, event_id=event_id)
    for _ in range(2):
        effect = await confirm(work)
        assert effect is not None
        await scene.db.write(effect)
        await scene.replayed(event_id)
        assert (await scene.event(event_id)).replay_verdict == HEYGEN_IS_ASKED
    await scene.db.write(effect)
    event = await scene.event(event_id)
    assert (event.state, event.verdict, event.replays) == ("applied", "confirmed by HeyGen: rendered", 2)
    assert event.replay_verdict == "confirmed by HeyGen: ignored: the video is already rendered"
    asked = [job.payload for job in await scene.rows(jobs) if job.kind == ConfirmVideo.kind]
    assert asked == [{"video_id": video_id, "event_id": event_id}]


@pytest.mark.parametrize(("state", "verdict"), [("pending", HINT_WITHOUT_KEY), ("ignored", "first")])
async def test_without_a_key_a_hint_stays_what_it_is(state: str, verdict: str, scene: Scene) -> None:
    (event_id,) = await scene.stored(told(), source="callback", video_id="v1")
    await scene.db.write(lambda tx: tx.execute(update(events).values(state=state, verdict="first")).rowcount)
    await scene.replayed(event_id)
    event = await scene.event(event_id)
    assert (event.state, event.verdict, event.replay_verdict) == (state, verdict, HINT_WITHOUT_KEY)


async def test_heygen_is_asked_only_about_failures_that_nobody_explained(scene: Scene) -> None:
    scene.can_ask = True
    (event_id,) = await scene.applied(told("avatar_video.fail"))

    async def asked() -> int:
        done = update(jobs).where(jobs.c.kind == ConfirmVideo.kind, jobs.c.state == "available")
        return await scene.db.write(lambda tx: tx.execute(done.values(state="done")).rowcount)

    assert await asked() == 1
    await scene.replayed(event_id)
    assert await asked() == 1
    await scene.db.write(lambda tx: tx.execute(update(videos).values(failure_code="explained")).rowcount)
    await scene.replayed(event_id)
    assert await asked() == 0


async def test_an_event_of_a_video_that_was_made_twice_is_replayed_to_the_one_that_stayed(scene: Scene) -> None:
    """An event can be faster than HeyGen's answer to our request: its stray video is taken back."""
    (event_id,) = await scene.applied(told())
    ours = await scene.db.write(
        lambda tx: scene.lifecycle.create(tx, kind="avatar_video", store="local", message="", state=State.REQUESTED)
    )
    await scene.db.write(lambda tx: scene.signals.created(tx, ours, "hv1"))
    await scene.replayed(event_id)
    event = await scene.event(event_id)
    assert (event.state, event.video_id) == ("applied", ours)
    found = await scene.db.read(lambda conn: conn.execute(select(videos.c.id, videos.c.state)).fetchall())
    assert found == [(ours, "rendered")]
