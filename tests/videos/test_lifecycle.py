"""One place moves a video, and each move is one row, one timeline entry and one update for the browsers."""

from datetime import timedelta

import orjson
import pytest

from reelhook.db.tables import assets, jobs, stream, videos
from reelhook.errors import NotFound
from reelhook.videos import State
from reelhook.videos.states import FINAL, WAYS, FailedBy, allowed
from tests.videos.scene import AVATAR, LINK, Scene

R = State.REQUESTED


def test_the_ways_are_those_of_the_design() -> None:
    assert WAYS.keys() == set(State)
    assert {(State.READY, None), (State.FAILED, FailedBy.HEYGEN)} == FINAL
    for to in State:
        assert not allowed(State.READY, None, to)
        assert not allowed(State.FAILED, FailedBy.HEYGEN, to)
    assert allowed(State.FAILED, FailedBy.REELHOOK, State.RENDERED)
    assert not allowed(State.FAILED, FailedBy.REELHOOK, State.RENDERING)
    assert allowed(State.UNARCHIVED, FailedBy.REELHOOK, State.ARCHIVING)
    for state in State:
        assert not allowed(state, None, State.REQUESTED)
        assert not allowed(state, None, state), "a repeated move is none"


def test_a_new_video_has_its_row_its_entry_and_its_update(scene: Scene) -> None:
    video_id = scene.create(title="A\x00 title " + "x" * 300, subject="s\ud800ue")
    row = scene.video(video_id)
    assert (row.state, row.late, row.subject, len(row.title)) == ("requested", False, "sue", 200)
    assert scene.story(video_id) == [("requested", "requested")]
    assert [update["state"] for update in scene.updates(video_id)] == ["requested"]


def test_the_whole_way_to_ready(scene: Scene) -> None:
    video_id = scene.create()
    way = [State.RENDERING, State.RENDERED, State.ARCHIVING, State.UNARCHIVED, State.ARCHIVING, State.READY]
    for to in way:
        scene.clock.move(1)
        assert scene.move(video_id, to)
    row = scene.video(video_id)
    assert row.rendered_at < row.ready_at == row.updated_at == scene.clock.now()
    assert [kind for kind, _ in scene.story(video_id)] == [R, *way]
    assert [update["state"] for update in scene.updates(video_id)] == [R, *way]


def test_a_refused_move_changes_nothing(scene: Scene) -> None:
    video_id = scene.create()
    scene.move(video_id, State.RENDERED, State.ARCHIVING, State.READY)
    before = scene.everything()
    for to in State:
        assert not scene.move(video_id, to, source_url=LINK)
    assert not scene.db.write_now(lambda tx: scene.lifecycle.fail(tx, video_id, FailedBy.HEYGEN, "x", "y"))
    assert scene.everything() == before


def test_heygens_link_goes_when_the_video_is_ready(scene: Scene) -> None:
    video_id = scene.create()
    scene.move(video_id, State.RENDERED, source_url=LINK)
    assert scene.video(video_id).source_url == LINK
    scene.move(video_id, State.ARCHIVING)
    scene.move(video_id, State.READY)
    assert scene.video(video_id).source_url is None
    assert "heygen.example" not in str(scene.updates(video_id))


def test_a_failure_says_by_whom_and_why_and_goes_when_the_video_moves_on(scene: Scene) -> None:
    video_id = scene.create()
    scene.db.write_now(lambda tx: scene.lifecycle.fail(tx, video_id, FailedBy.REELHOOK, None, "m\x00" + "x" * 2000))
    failure = scene.updates(video_id)[-1]["failure"]
    assert (failure["by"], failure["code"], len(failure["message"])) == ("reelhook", "unknown", 1000)
    scene.move(video_id, State.RENDERED)
    assert scene.updates(video_id)[-1]["failure"] is None
    assert scene.video(video_id).failed_by is None


def test_a_video_that_could_not_be_stored_says_that_it_was_us(scene: Scene) -> None:
    video_id = scene.create()
    scene.move(video_id, State.RENDERED)
    scene.move(video_id, State.UNARCHIVED, failure_code="disk_full", failure_message="no space")
    assert scene.updates(video_id)[-1]["failure"] == {"by": "reelhook", "code": "disk_full", "message": "no space"}


def test_time_never_runs_backwards_for_those_who_watch(scene: Scene) -> None:
    video_id = scene.create()
    made = scene.video(video_id).updated_at
    scene.clock.move(-3600)
    scene.move(video_id, State.RENDERING)
    scene.db.write_now(lambda tx: scene.lifecycle.amend(tx, video_id, title="x"))
    assert scene.video(video_id).updated_at == made


def test_what_is_not_there_cannot_be_moved_or_changed(scene: Scene) -> None:
    for work in (
        lambda tx: scene.lifecycle.transition(tx, "none", State.READY, "x"),
        lambda tx: scene.lifecycle.amend(tx, "none", title="x"),
        lambda tx: scene.lifecycle.delete(tx, "none"),
    ):
        with pytest.raises(NotFound, match="there is no video none"):
            scene.db.write_now(work)


def test_amending_tells_the_browsers(scene: Scene) -> None:
    video_id = scene.create(subject="ada")
    scene.clock.move(1)
    scene.db.write_now(lambda tx: scene.lifecycle.amend(tx, video_id, title="New\x00", subject=""))
    assert scene.updates(video_id)[-1]["title"] == "New"
    assert scene.updates(video_id)[-1]["subject"] is None
    assert scene.video(video_id).updated_at == scene.clock.now()


def test_a_video_given_away_is_gone_for_whom_it_belonged_to(scene: Scene) -> None:
    video_id = scene.create(subject="ada", title="Plans")
    for values in (
        {"subject": "ada"},
        {"subject": "bob"},
        {"title": "Bob's own"},
        {"subject": None},
        {"subject": "eve"},
    ):
        scene.db.write_now(lambda tx, values=values: scene.lifecycle.amend(tx, video_id, **values))
    told = [(row.subject, orjson.loads(row.data)["video"]) for row in scene.rows(stream)]
    gone = {"id": video_id, "deleted": True}
    assert [subject for subject, _ in told] == ["ada", "ada", "ada", "bob", "bob", "bob", None, "eve"]
    assert [video for subject, video in told if subject == "ada"][2:] == [gone]
    assert [video == gone for subject, video in told if subject == "bob"] == [False, False, True]


def test_an_asset_is_wanted_once_and_the_newest_link_is_tried(scene: Scene) -> None:
    video_id = scene.create()
    want = lambda url: scene.db.write_now(lambda tx: scene.lifecycle.want_asset(tx, video_id, "gif", url))  # noqa: E731
    assert want("https://a")
    assert not want("https://b")
    assert not want(None)
    (asset,) = scene.rows(assets)
    assert (asset.state, asset.source_url, asset.store) == ("pending", "https://b", "local")
    assert scene.open_jobs() == [("archive_asset", {"asset_id": asset.id, "video_id": video_id})]


def test_a_stored_asset_is_left_alone(scene: Scene) -> None:
    video_id = scene.create()
    scene.store(video_id, "gif")
    before = scene.everything()
    assert not scene.db.write_now(lambda tx: scene.lifecycle.want_asset(tx, video_id, "gif", LINK))
    assert scene.everything() == before


def test_a_deleted_video_takes_its_files_and_its_work_with_it(scene: Scene) -> None:
    video_id, other = scene.create(subject="ada"), scene.create()
    scene.store(video_id)
    scene.store(video_id, "poster", store="cloudinary", location="p")
    scene.store(video_id, "captions", location=None, state="pending")
    scene.db.write_now(lambda tx: scene.lifecycle.want_asset(tx, video_id, "gif", LINK))
    scene.db.write_now(lambda tx: scene.lifecycle.want_asset(tx, other, "gif", LINK))
    scene.db.write_now(lambda tx: scene.lifecycle.delete(tx, video_id))
    assert [row.id for row in scene.rows(videos)] == [other]
    assert {row.video_id for row in scene.rows(assets)} == {other}
    deletions = [payload for kind, payload in scene.open_jobs() if kind == "delete_stored"]
    assert sorted(deletions, key=str) == [
        {"store": "cloudinary", "location": "p"},
        {"store": "local", "location": f"{video_id}/video"},
    ]
    assert scene.rows(jobs, jobs.c.video_id == video_id) == []
    assert scene.updates(video_id)[-1] == {"id": video_id, "deleted": True}
    assert scene.story(video_id) == []


def history(scene: Scene, minutes: list[int], kind: str = "avatar_video", **values: object) -> None:
    for each in minutes:
        video_id = scene.create(kind=kind, **{"request": AVATAR} | values)
        scene.edit(video_id, rendered_at=scene.video(video_id).created_at + timedelta(minutes=each))


def test_too_little_history_promises_nothing(scene: Scene) -> None:
    history(scene, [5, 5, 5, 5])
    history(scene, [5] * 9, kind="lipsync")
    history(scene, [5] * 9, request=None)
    row = scene.video(scene.create(request=AVATAR))
    assert (row.eta_at, row.late_at) == (None, None)


def test_the_eta_is_our_own_median_and_late_is_beyond_our_own_p95(scene: Scene) -> None:
    history(scene, [1, 2, 3, 4, 10])
    row = scene.video(scene.create(request=AVATAR))
    assert row.eta_at - row.created_at == timedelta(minutes=3)
    assert row.late_at - row.created_at == timedelta(minutes=10)
    history(scene, [*range(101, 116)])
    row = scene.video(scene.create(request=AVATAR))
    assert row.eta_at - row.created_at == timedelta(minutes=105), "the tenth of twenty"
    assert row.late_at - row.created_at == timedelta(minutes=114), "all but one in twenty"


def test_of_a_video_requested_elsewhere_no_arrival_is_promised(scene: Scene) -> None:
    history(scene, [1, 2, 3, 4, 10])
    row = scene.video(scene.create(State.RENDERING, heygen_video_id="x"))
    assert row.eta_at is None
    assert row.late_at - row.created_at == timedelta(minutes=10)
    assert scene.video(scene.create(State.READY)).late_at is None


def test_what_takes_longer_than_usual_is_flagged_once_until_it_moves_on(scene: Scene) -> None:
    history(scene, [1, 2, 3, 4, 10])
    video_id = scene.create(request=AVATAR)
    flag = lambda: scene.db.write_now(scene.lifecycle.flag_late)  # noqa: E731
    scene.clock.move(9 * 60 + 59)
    assert flag() == 0
    scene.clock.move(1)
    assert flag() == 1
    assert flag() == 0
    shown = scene.updates(video_id)[-1]
    assert (shown["late"], shown["eta_at"], shown["state"]) == (True, None, "requested")
    assert scene.story(video_id) == [("requested", "requested"), ("late", None)]
    scene.move(video_id, State.RENDERED)
    assert scene.updates(video_id)[-1]["late"] is False


def test_a_video_that_was_in_time_is_never_flagged(scene: Scene) -> None:
    history(scene, [1, 2, 3, 4, 10])
    video_id = scene.create(request=AVATAR)
    scene.move(video_id, State.RENDERED)
    scene.clock.move(3600)
    assert scene.db.write_now(scene.lifecycle.flag_late) == 0
