"""New videos: asked for, tracked, or tried again."""

from typing import Any

import pytest
from pydantic import ValidationError

from reelhook.auth.principal import of_key
from reelhook.db.tables import videos
from reelhook.errors import Conflict, NotFound, WrongInput
from reelhook.settings import Settings
from reelhook.videos import State
from reelhook.videos.creation import KeyReused, NewVideo
from reelhook.videos.queries import find
from reelhook.videos.retention import IDEMPOTENCY_FOR, sweeps
from reelhook.videos.states import FailedBy
from tests.sweeping import swept
from tests.videos.scene import AVATAR, Scene, viewer


def test_a_request_is_a_row_and_a_job(scene: Scene) -> None:
    video_id, fresh = scene.new(heygen=AVATAR, subject="ada", store="cloudinary")
    row = scene.video(video_id)
    assert fresh
    assert (row.state, row.title, row.subject, row.store, row.request) == (
        "requested",
        "Hello",
        "ada",
        "cloudinary",
        AVATAR,
    )
    assert scene.open_jobs() == [("request_video", {"video_id": video_id})]


@pytest.mark.parametrize(
    ("request_title", "title", "shown"), [("Theirs", None, "Theirs"), ("Theirs", "Ours", "Ours"), (7, None, None)]
)
def test_the_title_is_ours_or_the_requests(scene: Scene, request_title: Any, title: str | None, shown: Any) -> None:
    video_id, _ = scene.new(heygen=AVATAR | {"title": request_title}, title=title)
    assert scene.video(video_id).title == shown


def test_a_video_made_for_a_viewer_is_the_viewers_own(scene: Scene) -> None:
    video_id, _ = scene.new(heygen=AVATAR, subject="ada")
    assert scene.db.write_now(lambda tx: find(tx.conn, viewer("ada"), video_id)).id == video_id
    for other in (viewer("bob"), of_key("k", "k", "viewer", None)):
        with pytest.raises(NotFound):
            scene.db.write_now(lambda tx, other=other: find(tx.conn, other, video_id))  # type: ignore[misc]


def test_an_existing_video_is_tracked_and_heygen_is_asked_about_it(scene: Scene) -> None:
    video_id, fresh = scene.new(heygen_video_id="hg-1", title="Mine")
    assert fresh
    assert (scene.video(video_id).state, scene.video(video_id).heygen_video_id) == ("rendering", "hg-1")
    assert scene.open_jobs() == [("confirm_video", {"video_id": video_id, "event_id": None})]
    assert scene.new(heygen_video_id="hg-1") == (video_id, False)


def test_without_an_api_key_videos_are_tracked_but_not_requested(scene: Scene) -> None:
    scene.can_ask = False
    scene.__post_init__()
    with pytest.raises(Conflict, match="set REELHOOK_HEYGEN_API_KEY"):
        scene.new(heygen=AVATAR)
    scene.new(heygen_video_id="hg-1")
    assert scene.open_jobs() == []


@pytest.mark.parametrize("name", ["callback_id", "callback_url"])
def test_the_way_back_to_us_is_not_the_callers_to_choose(scene: Scene, name: str) -> None:
    with pytest.raises(WrongInput, match=rf"heygen\.{name} is set by Reelhook itself"):
        scene.new(heygen=AVATAR | {name: "x"})


def test_what_is_no_request_for_one_video_is_refused(scene: Scene) -> None:
    with pytest.raises(WrongInput, match="no request for a HeyGen video"):
        scene.new(heygen={"anything": 1})


def test_an_unknown_store_is_refused_by_name(scene: Scene) -> None:
    with pytest.raises(WrongInput, match="store must be one of local, cloudinary, not 's3'"):
        scene.new(heygen=AVATAR, store="s3")
    assert scene.video(scene.new(heygen=AVATAR)[0]).store == "local", "the first is the default"


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"heygen": AVATAR, "heygen_video_id": "hg-1"},
        {"heygen_video_id": ""},
        {"heygen_video_id": "a\x00b"},
        {"heygen_video_id": 7},
        {"heygen": AVATAR, "title": "x" * 201},
        {"heygen": AVATAR, "subject": ""},
        {"heygen": AVATAR, "more": 1},
        {"heygen": AVATAR, "title": "\ud800"},
        {"heygen": AVATAR | {"x": 2**70}},
        {"heygen": AVATAR | {"x": "\ud800"}},
        {"heygen": AVATAR | {"\ud800": 1}},
    ],
)
def test_wrong_input_is_refused_before_anything_is_kept(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        NewVideo(**fields)


def test_a_request_nested_without_end_is_refused() -> None:
    deep: dict[str, Any] = dict(AVATAR)
    for _ in range(300):
        deep = {"type": "avatar", "deeper": deep}
    with pytest.raises(ValidationError, match="cannot be kept"):
        NewVideo(heygen=deep)


def test_the_same_key_gets_the_same_video(scene: Scene) -> None:
    first = scene.new("key", heygen=AVATAR, title="a")
    assert first[1]
    assert scene.new("key", heygen=dict(reversed(AVATAR.items())), title="a") == (first[0], False)
    assert len(scene.rows(videos)) == 1
    assert len(scene.open_jobs()) == 1


def test_a_key_with_another_request_is_refused(scene: Scene) -> None:
    scene.new("key", heygen=AVATAR)
    with pytest.raises(KeyReused) as refused:
        scene.new("key", heygen=AVATAR, title="other")
    assert (refused.value.status, refused.value.code) == (409, "idempotency_key_reused")


def test_a_key_is_the_callers_own_and_without_one_each_request_is_new(scene: Scene) -> None:
    made = {
        scene.new("key", heygen=AVATAR)[0],
        scene.new("key", of_key("key-2", "other", "operator", None), heygen=AVATAR)[0],
        scene.new(None, heygen=AVATAR)[0],
        scene.new(None, heygen=AVATAR)[0],
    }
    assert len(made) == 4


def test_a_key_of_a_refused_request_is_not_used_up(scene: Scene) -> None:
    with pytest.raises(WrongInput):
        scene.new("key", heygen=AVATAR, store="s3")
    assert scene.new("key", heygen=AVATAR)[1]


def test_keys_are_forgotten_in_time(scene: Scene) -> None:
    first, _ = scene.new("key", heygen=AVATAR)
    scene.clock.move(IDEMPOTENCY_FOR.total_seconds())
    assert swept(scene.db, sweeps(Settings(), scene.clock.now())) == {}
    scene.clock.move(1)
    assert swept(scene.db, sweeps(Settings(), scene.clock.now())) == {"idempotency_keys": 1}
    assert scene.new("key", heygen=AVATAR)[0] != first


def again(scene: Scene, video_id: str) -> tuple[str, bool]:
    return scene.db.write_now(lambda tx: scene.creation.try_again(tx, scene.lifecycle.get(tx.conn, video_id)))


def failed(scene: Scene, **values: Any) -> str:
    video_id = scene.create(**{"request": AVATAR, "title": "T", "subject": "ada"} | values)
    scene.db.write_now(lambda tx: scene.lifecycle.fail(tx, video_id, FailedBy.HEYGEN, "x", "y"))
    return video_id


def test_a_failed_video_is_requested_anew_and_once(scene: Scene) -> None:
    video_id = failed(scene)
    new_id, fresh = again(scene, video_id)
    row = scene.video(new_id)
    assert fresh
    assert (row.retry_of, row.request, row.title, row.subject, row.state) == (
        video_id,
        AVATAR,
        "T",
        "ada",
        "requested",
    )
    assert scene.video(video_id).state == "failed"
    with pytest.raises(Conflict, match=f"requested again already, as {new_id}"):
        again(scene, video_id)


def test_a_store_that_is_no_longer_there_gives_way_to_the_default(scene: Scene) -> None:
    new_id, _ = again(scene, failed(scene, store="gone"))
    assert scene.video(new_id).store == "local"


def test_a_failed_video_that_was_not_requested_here_cannot_be(scene: Scene) -> None:
    with pytest.raises(Conflict, match="not requested here"):
        again(scene, failed(scene, request=None))


def test_an_unarchived_video_is_archived_again(scene: Scene) -> None:
    video_id = scene.create()
    scene.move(video_id, State.RENDERED)
    asset_id = scene.store(video_id, state="pending", location=None)
    scene.move(video_id, State.UNARCHIVED)
    assert again(scene, video_id) == (video_id, False)
    assert again(scene, video_id) == (video_id, False)
    assert scene.open_jobs() == [("archive_asset", {"asset_id": asset_id, "video_id": video_id})]


@pytest.mark.parametrize("state", [State.REQUESTED, State.RENDERING, State.RENDERED, State.ARCHIVING, State.READY])
def test_nothing_else_can_be_tried_again(scene: Scene, state: State) -> None:
    with pytest.raises(Conflict, match=f"a video that is {state} cannot be tried again"):
        again(scene, scene.create(state))
