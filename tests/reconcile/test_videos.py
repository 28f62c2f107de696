"""Videos whose webhook should have come: asked about, and moved by what HeyGen says."""

from datetime import timedelta
from typing import Any

import pytest

from reelhook.db.tables import events, videos
from reelhook.heygen import HeyGenBusy, HeyGenRefused, HeyGenUnauthorized, RemoteVideo
from reelhook.jobs import Postpone
from reelhook.reconcile import asking
from reelhook.reconcile.run import Look
from reelhook.videos import State
from tests.reconcile.scene import HOUR, MINUTE, SUCCESS, Scene


async def test_a_video_whose_webhook_never_came_moves_on(scene: Scene) -> None:
    video_id = await scene.video()
    scene.heygen.stands_as("hg-1", "completed")
    scene.clock.move(16 * MINUTE)
    look = await scene.look()
    assert (look.asked, look.found) == (1, 1)
    assert await scene.found() == [(SUCCESS, "hg-1")]
    assert await scene.state(video_id) == "rendered"
    assert len(await scene.open_jobs("archive_asset")) == 1
    assert look.report["events"] == [{"type": SUCCESS, "resource_id": "hg-1", "video_id": video_id}]


async def test_heygens_failure_is_told_with_its_reason(scene: Scene) -> None:
    video_id = await scene.video()
    scene.heygen.stands_as("hg-1", "failed", failure_code="no_credit", failure_message="not enough credit")
    scene.clock.move(16 * MINUTE)
    await scene.look()
    row = await scene.row(video_id)
    assert (row.state, row.failed_by, row.failure_code) == ("failed", "heygen", "no_credit")
    assert row.failure_message == "not enough credit"


async def test_nobody_is_asked_while_the_webhook_may_still_come(scene: Scene) -> None:
    await scene.video()
    await scene.video(None, state=State.REQUESTED)
    await scene.video("hg-2", kind="personalized_video")  # which nobody can ask about
    scene.clock.move(14 * MINUTE)
    assert await scene.videos_look.idle()
    assert (await scene.look()).asked == 0
    scene.clock.move(2 * MINUTE)
    assert not await scene.videos_look.idle()


@pytest.mark.parametrize(
    ("values", "wait_s", "due"),
    [
        ({"late_at": timedelta(minutes=3)}, 2 * MINUTE, False),
        ({"late_at": timedelta(minutes=3)}, 4 * MINUTE, True),
        ({"late": True}, 1, True),
        ({"late_at": timedelta(hours=9)}, 59 * MINUTE, False),
        ({"late_at": timedelta(hours=9)}, 61 * MINUTE, True),
        ({"ask_at": timedelta(hours=2)}, HOUR, False),
        ({"ask_at": timedelta(hours=2)}, 2 * HOUR, True),
        ({"state": "rendered"}, HOUR, False),
        ({"state": "requested"}, 16 * MINUTE, True),
    ],
)
async def test_when_it_is_time_to_ask(scene: Scene, values: dict[str, Any], wait_s: float, due: bool) -> None:
    now = scene.clock.now()
    given = {name: now + value if isinstance(value, timedelta) else value for name, value in values.items()}
    await scene.edit(await scene.video(), **given)
    scene.clock.move(wait_s)
    assert await scene.videos_look.idle() is not due


async def test_a_file_of_a_video_without_its_own_event_makes_us_ask(scene: Scene) -> None:
    video_id = await scene.video()
    await scene.db.write(lambda tx: scene.core.lifecycle.want_asset(tx, video_id, "captions", "https://h/c.srt"))
    scene.clock.move(4 * MINUTE)
    assert await scene.videos_look.idle()
    scene.clock.move(2 * MINUTE)
    assert not await scene.videos_look.idle()


async def test_a_person_who_asks_is_told_of_all_that_wait(scene: Scene) -> None:
    video_id = await scene.video()
    scene.heygen.stands_as("hg-1", "completed")
    assert (await scene.look()).asked == 0
    assert (await scene.look(thorough=True)).found == 1
    assert await scene.state(video_id) == "rendered"


async def test_the_pauses_between_questions_grow_up_to_half_an_hour(scene: Scene) -> None:
    video_id = await scene.video()
    scene.heygen.stands_as("hg-1", "waiting")
    ceilings = []
    for number in range(1, 9):
        scene.clock.move(HOUR)
        assert (await scene.look()).asked == 1
        assert (await scene.look()).asked == 0
        row = await scene.row(video_id)
        assert row.asks == number
        pause = (row.ask_at - scene.clock.now()).total_seconds()
        ceilings.append(min(1800, 60 * 2 ** (number - 1)))
        assert ceilings[-1] / 10 <= pause <= ceilings[-1]
    assert ceilings[-1] == 1800
    assert await scene.state(video_id) == "rendering"


async def test_many_are_asked_about_a_hundred_at_a_time(scene: Scene) -> None:
    for number in range(101):
        await scene.video(f"hg-{number}")
    await scene.video("tr-1", kind="video_translate")
    scene.clock.move(HOUR)
    assert (await scene.look()).asked == 102
    assert sorted(len(about) for _, about in scene.heygen.asked) == [1, 1, 100]
    assert {name for name, _ in scene.heygen.asked} == {"statuses"}


async def test_an_agents_video_is_asked_about_by_its_session(scene: Scene) -> None:
    video_id = await scene.video("session-1", kind="video_agent")
    scene.heygen.stands["session-1"] = RemoteVideo("hg-9", "completed", "completed")
    scene.clock.move(HOUR)
    await scene.look()
    assert scene.heygen.asked == [("get_video", ("video_agent", "session-1"))]
    assert await scene.found() == [("video_agent.success", "hg-9")]
    row = await scene.row(video_id)
    assert (row.state, row.heygen_video_id) == ("rendered", "hg-9")


async def test_single_questions_are_bounded_and_the_others_come_next(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "ONE_BY_ONE", 2)
    for number in range(3):
        await scene.video(f"session-{number}", kind="video_agent")
    scene.clock.move(HOUR)
    assert (await scene.look()).asked == 2
    assert (await scene.look()).asked == 1
    assert len({about for _, about in scene.heygen.asked}) == 3


@pytest.mark.parametrize("kind", ["ai_clipping", "lipsync"])
async def test_where_no_event_tells_heygens_answer_is_confirmed_by_a_job(scene: Scene, kind: str) -> None:
    video_id = await scene.video("job/clip", kind=kind)
    if kind == "lipsync":
        scene.heygen.stands_as("job/clip", "completed")
    else:
        scene.heygen.stands["job/clip"] = RemoteVideo("job/clip", "completed", "completed")
    scene.clock.move(HOUR)
    look = await scene.look()
    assert (look.found, await scene.found()) == (0, [])
    assert await scene.open_jobs("confirm_video") == [{"video_id": video_id, "event_id": None}]
    assert look.report == {"confirming": [{"video_id": video_id, "status": "completed"}]}


async def test_a_hint_that_came_is_confirmed_and_not_counted_as_missed(scene: Scene) -> None:
    video_id = await scene.video()
    await scene.delivered(hint_for=video_id)
    scene.heygen.stands_as("hg-1", "completed")
    scene.clock.move(HOUR)
    look = await scene.look()
    assert (look.found, await scene.found()) == (0, [])
    assert {"video_id": video_id, "event_id": None} in await scene.open_jobs("confirm_video")


async def test_an_event_that_was_put_in_already_is_not_put_in_again(scene: Scene) -> None:
    await scene.video()
    scene.heygen.stands_as("hg-1", "completed")
    for _ in range(3):
        scene.clock.move(HOUR)
        await scene.videos_look(Look())  # and nothing is applied meanwhile
    assert await scene.found() == [(SUCCESS, "hg-1")]
    (event,) = await scene.rows(events)
    assert event.state == "pending"


async def test_a_video_heygen_does_not_know_fails_after_several_questions(scene: Scene) -> None:
    video_id = await scene.video()
    scene.heygen.stands_as("hg-1", "missing")
    for _ in range(asking.MISSES - 1):
        scene.clock.move(HOUR)
        await scene.look()
    assert await scene.state(video_id) == "rendering"
    assert (await scene.notes(video_id))[-1][1].endswith("it is asked again (4 of 5 times)")
    scene.clock.move(HOUR)
    await scene.look()
    row = await scene.row(video_id)
    assert (row.state, row.failed_by, row.failure_code) == ("failed", "reelhook", "heygen_video_not_found")
    assert "HeyGen does not know this video" in row.failure_message


async def test_a_session_nobody_knows_is_missing_too(scene: Scene) -> None:
    video_id = await scene.video("session-1", kind="video_agent")
    scene.clock.move(HOUR)
    await scene.look()
    assert (await scene.notes(video_id))[-1][0] == "missing"


async def test_one_odd_id_does_not_keep_the_others_from_being_asked_about(scene: Scene) -> None:
    video_id = await scene.video("hg-1")
    await scene.video("odd")
    await scene.video("a,b")  # cannot stand in a list
    scene.heygen.fails["statuses"] = [HeyGenRefused("video_ids: 'odd' is not an id")]
    scene.heygen.fails["get_video"] = [HeyGenRefused("odd")]
    scene.heygen.stands["hg-1"] = RemoteVideo("hg-1", "completed", "completed")
    scene.clock.move(HOUR)
    assert (await scene.look()).asked == 3
    assert ("statuses", ["hg-1", "odd"]) in scene.heygen.asked
    assert await scene.state(video_id) == "rendered"


@pytest.mark.parametrize("error", [HeyGenBusy("busy", retry_after_s=77), HeyGenUnauthorized("the key")])
async def test_what_was_told_before_heygen_had_enough_stands(scene: Scene, error: Exception) -> None:
    first, second = await scene.video("hg-1"), await scene.video("session-1", kind="video_agent")
    scene.heygen.stands_as("hg-1", "completed")
    scene.heygen.fails["get_video"] = [error]
    scene.clock.move(HOUR)
    look = Look()
    with pytest.raises(Postpone, match="waiting for heygen"):
        await scene.videos_look(look)
    await scene.applied()
    assert (look.asked, look.found) == (1, 1)
    assert (await scene.state(first), await scene.state(second)) == ("rendered", "rendering")


async def test_a_video_that_moved_on_meanwhile_is_left_alone(scene: Scene) -> None:
    video_id = await scene.video()
    scene.heygen.stands_as("hg-1", "missing")
    scene.clock.move(HOUR)
    rows = await scene.rows(videos)
    await scene.edit(video_id, state="rendered")
    _ = [one async for one in scene.asking.about(rows, Look())]
    row = await scene.row(video_id)
    assert (row.state, row.asks) == ("rendered", 0)
    assert "missing" not in dict(await scene.notes(video_id))
