"""What HeyGen says, applied once, in any order, never backwards (P3, P5)."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from reelhook.db import Tx
from reelhook.db.tables import assets, events, videos
from reelhook.videos import State
from reelhook.videos.states import FINAL, FailedBy, allowed
from tests.conftest import examples
from tests.videos.scene import AVATAR, LINK, Scene, signal


def test_success_makes_it_rendered_and_wants_the_file(scene: Scene) -> None:
    video_id = scene.create(heygen_video_id="hg-1")
    assert scene.apply(signal(assets={"poster": "https://p"})) == (video_id, "rendered; added poster")
    row = scene.video(video_id)
    assert (row.state, row.source_url) == ("rendered", LINK)
    assert [asset.role for asset in scene.rows(assets)] == ["video", "poster"]
    assert [kind for kind, _ in scene.open_jobs()] == ["archive_asset", "archive_asset"]


def test_the_length_is_kept_also_when_it_is_told_late(scene: Scene) -> None:
    video_id, _ = scene.apply(signal())
    assert scene.video(video_id).length_ms is None
    scene.apply(signal(length_ms=30_500))
    assert scene.video(video_id).length_ms == 30_500


def test_success_without_a_link_means_ask_heygen(scene: Scene) -> None:
    video_id, verdict = scene.apply(signal(url=None))
    assert verdict == "rendered"
    assert scene.rows(assets)[0].source_url is None
    assert scene.video(video_id).state == "rendered"


@pytest.mark.parametrize(
    ("given", "code", "message"),
    [
        ({"failure_code": "MOVIO_1", "failure_message": "bad face"}, "MOVIO_1", "bad face"),
        ({}, "unknown", "HeyGen gave no reason"),
    ],
)
def test_failure_is_told_in_heygens_own_words(scene: Scene, given: dict[str, Any], code: str, message: str) -> None:
    video_id, verdict = scene.apply(signal("fail", **given))
    assert verdict == "failed"
    assert scene.updates(video_id)[-1]["failure"] == {"by": "heygen", "code": code, "message": message}


def test_the_same_again_is_ignored_and_says_why(scene: Scene) -> None:
    video_id, _ = scene.apply(signal())
    before = scene.everything()
    assert scene.apply(signal(), "event-2") == (video_id, "ignored: the video is already rendered")
    assert scene.apply(signal("fail")) == (video_id, "ignored: the video is already rendered")
    assert scene.everything() == before


def test_a_late_success_does_not_wake_a_video_that_heygen_failed(scene: Scene) -> None:
    video_id, _ = scene.apply(signal("fail", failure_message="no"))
    before = scene.everything()
    assert scene.apply(signal(assets={"poster": "https://p"})) == (video_id, "ignored: the video is already failed")
    assert scene.everything() == before


def test_a_failure_without_a_code_is_explained_by_one_that_has_it(scene: Scene) -> None:
    video_id, _ = scene.apply(signal("fail", failure_message="no"))
    assert scene.apply(signal("fail", failure_code="MOVIO_1")) == (video_id, "explained: MOVIO_1")
    assert scene.updates(video_id)[-1]["failure"] == {"by": "heygen", "code": "MOVIO_1", "message": "no"}
    assert scene.apply(signal("fail", failure_code="OTHER")) == (video_id, "ignored: the video is already failed")
    assert scene.story(video_id)[1:] == [("failed", "failed")]


def test_what_we_gave_up_waiting_for_may_still_come(scene: Scene) -> None:
    video_id = scene.create(heygen_video_id="hg-1")
    scene.db.write_now(lambda tx: scene.lifecycle.fail(tx, video_id, FailedBy.REELHOOK, "x", "gave up"))
    assert scene.apply(signal("fail")) == (video_id, "ignored: the video is already failed")
    assert scene.apply(signal()) == (video_id, "rendered")


def test_assets_alone_move_nothing(scene: Scene) -> None:
    video_id = scene.create(State.RENDERING, heygen_video_id="hg-1")
    assert scene.apply(signal("assets", assets={"gif": "https://g"})) == (video_id, "applied; added gif")
    assert scene.apply(signal("assets", assets={"gif": "https://g"})) == (video_id, "applied")
    assert scene.apply(signal("assets")) == (video_id, "applied")
    assert scene.story(video_id) == [("rendering", "rendering")]


def test_an_unknown_video_is_made_without_an_owner(scene: Scene) -> None:
    video_id, _ = scene.apply(signal(heygen_id="new", title="Theirs"))
    row = scene.video(video_id)
    assert (row.heygen_video_id, row.subject, row.title, row.request, row.state, row.store) == (
        "new",
        None,
        "Theirs",
        None,
        "rendered",
        "local",
    )
    assert scene.apply(signal(heygen_id="new"))[0] == video_id


def test_a_video_without_any_name_is_kept_all_the_same(scene: Scene) -> None:
    one, _ = scene.apply(signal(heygen_id=None))
    other, _ = scene.apply(signal(heygen_id=None))
    assert one != other


def test_our_own_id_finds_the_video_and_teaches_heygens(scene: Scene) -> None:
    video_id = scene.create(request=AVATAR)
    assert scene.apply(signal(heygen_id="hg-9", callback_id=video_id))[0] == video_id
    assert scene.video(video_id).heygen_video_id == "hg-9"
    assert scene.apply(signal(heygen_id="hg-9"))[0] == video_id
    assert scene.apply(signal(heygen_id=None, callback_id=video_id))[0] == video_id
    assert scene.video(video_id).heygen_video_id == "hg-9"


def test_a_name_that_is_known_is_not_overwritten(scene: Scene) -> None:
    video_id = scene.create(heygen_video_id="hg-1")
    scene.apply(signal(heygen_id="hg-2", callback_id=video_id))
    assert scene.video(video_id).heygen_video_id == "hg-1"


def test_a_video_that_was_found_is_moved_by_nobody_else(scene: Scene) -> None:
    """So what was read of it still holds when it moves."""
    if scene.db.is_sqlite:
        return  # there, nobody else writes meanwhile
    scene.create(State.RENDERING, heygen_video_id="hg-1")
    free = select(videos.c.id).with_for_update(skip_locked=True)

    def left_to_others(tx: Tx) -> list[str]:
        assert scene.told.knows(tx, signal())
        with tx.conn.engine.connect() as other:
            return list(other.execute(free).scalars())

    assert scene.db.write_now(left_to_others) == []


def test_an_agents_session_leads_to_its_video_and_learns_the_videos_own_id(scene: Scene) -> None:
    video_id = scene.create(heygen_video_id="session-1")
    assert scene.apply(signal(heygen_id="hg-7", session_id="session-1")) == (video_id, "rendered")
    assert scene.video(video_id).heygen_video_id == "hg-7"
    assert scene.apply(signal("assets", heygen_id="hg-7", assets={"gif": "https://g"}))[0] == video_id


def event(scene: Scene, event_id: str, video_id: str, state: str = "applied") -> None:
    row = {
        "id": event_id,
        "source": "webhook",
        "endpoint": "e",
        "type": "avatar_video.success",
        "video_id": video_id,
        "state": state,
        "body": b"",
        "headers": b"",
        "received_at": scene.clock.now(),
    }
    scene.db.write_now(lambda tx: tx.execute(events.insert(), row))


def test_heygens_answer_names_the_video(scene: Scene) -> None:
    video_id = scene.create()
    scene.db.write_now(lambda tx: scene.told.created(tx, video_id, "hg-1"))
    row = scene.video(video_id)
    assert (row.state, row.heygen_video_id) == ("rendering", "hg-1")


def test_an_event_that_was_faster_than_the_answer_is_applied_to_our_video(scene: Scene) -> None:
    video_id = scene.create()
    stray, _ = scene.apply(signal())
    for event_id in ("event-2", "event-1"):
        event(scene, event_id, stray, "ignored")
    scene.db.write_now(lambda tx: scene.told.created(tx, video_id, "hg-1"))
    assert [row.id for row in scene.rows(videos)] == [video_id]
    assert {(row.state, row.video_id) for row in scene.rows(events)} == {("pending", None)}
    assert scene.open_jobs() == [("apply_events", {"event_ids": ["event-1", "event-2"]})]
    assert scene.updates(stray)[-1] == {"id": stray, "deleted": True}
    assert scene.apply(signal()) == (video_id, "rendered")


def test_a_stray_without_events_is_taken_back_without_work(scene: Scene) -> None:
    video_id = scene.create()
    scene.create(State.RENDERING, heygen_video_id="hg-1")
    scene.db.write_now(lambda tx: scene.told.created(tx, video_id, "hg-1"))
    assert scene.video(video_id).heygen_video_id == "hg-1"
    assert scene.open_jobs() == []


def test_an_event_by_our_own_id_may_come_before_the_answer(scene: Scene) -> None:
    video_id = scene.create()
    scene.apply(signal(callback_id=video_id))
    scene.db.write_now(lambda tx: scene.told.created(tx, video_id, "hg-1"))
    assert scene.video(video_id).state == "rendered", "never back to rendering"


# --- whatever comes, in whatever order -------------------------------------------------------------------------------

SIGNALS = st.builds(
    lambda outcome, name, poster: signal(outcome, name, assets={"poster": "https://p"} if poster else {}),
    st.sampled_from(["success", "fail", "assets"]),
    st.sampled_from(["hg-1", "hg-1", "hg-2"]),
    st.booleans(),
)
MOVES = st.sampled_from([State.RENDERING, State.ARCHIVING, State.READY, State.UNARCHIVED, "give up", "created"])
STEPS = st.lists(SIGNALS | MOVES, max_size=14).flatmap(lambda steps: st.permutations(steps + steps[:4]))


def test_no_order_of_things_breaks_a_promise(scene: Scene) -> None:
    @settings(
        max_examples=examples(50 if scene.db.is_sqlite else 15), deadline=None, suppress_health_check=list(HealthCheck)
    )
    @given(STEPS)
    def drive(steps: list[Any]) -> None:
        scene.db.write_now(lambda tx: [tx.execute(table.delete()) for table in (events, videos)])
        ours = scene.create(heygen_video_id="hg-1")
        for step in steps:
            check(scene, ours, step)

    drive()


def check(scene: Scene, ours: str, step: Any) -> None:
    """One step: exactly one entry and one update for each move that was accepted, and nothing for one that was not."""
    before, story, updates = scene.video(ours), len(moves(scene, ours)), len(scene.updates(ours))
    take(scene, ours, step)
    after = scene.video(ours)
    moved = int(before.state != after.state)
    assert len(moves(scene, ours)) == story + moved
    assert len(scene.updates(ours)) == updates + moved
    assert (before.state, before.failed_by) not in FINAL or after == before
    if moved:
        by = FailedBy(before.failed_by) if before.failed_by else None
        assert allowed(State(before.state), by, State(after.state))
        shown = scene.updates(ours)[-1]
        assert shown["state"] == after.state == moves(scene, ours)[-1]
    else:
        assert (after.source_url, after.updated_at) == (before.source_url, before.updated_at)
    assert (after.state == "ready") <= (after.source_url is None)
    assert "heygen.example" not in str(scene.updates(ours)), "HeyGen's link is never shown"


def take(scene: Scene, ours: str, step: Any) -> None:
    scene.clock.move(1)
    if step == "give up":
        scene.db.write_now(lambda tx: scene.lifecycle.fail(tx, ours, FailedBy.REELHOOK, "x", "gave up"))
    elif step == "created":
        scene.db.write_now(lambda tx: scene.told.created(tx, ours, "hg-1"))
    elif isinstance(step, State):
        scene.move(ours, step)
    else:
        scene.apply(step)


def moves(scene: Scene, video_id: str) -> list[str]:
    return [state for _, state in scene.story(video_id) if state is not None]
