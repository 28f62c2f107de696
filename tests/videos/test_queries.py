"""Who sees what, and what is shown."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from reelhook.auth.principal import Principal, local_admin, local_scraper, of_key, of_person, of_token
from reelhook.db.tables import videos
from reelhook.errors import NotFound, WrongInput
from reelhook.videos import State, queries, story
from reelhook.videos.eta import usual
from reelhook.videos.order import Sort, Wanted
from tests.conftest import START, examples
from tests.plans import explained
from tests.videos.scene import LINK, OPERATOR, Scene, signal, viewer

SUBJECTS = st.sampled_from([None, "ada", "bob", ""])


def principals(ids: list[str]) -> st.SearchStrategy[Principal]:
    subject, role = st.sampled_from(["ada", "bob", "eve"]), st.sampled_from(["viewer", "operator", "admin", "odd"])
    narrowed = st.none() | st.frozensets(st.sampled_from([*ids, "other"]))
    return st.one_of(
        st.builds(of_person, subject, st.just("x@example.com"), role),
        st.builds(of_key, subject, st.just("key"), role, st.none()),
        st.builds(of_token, subject, narrowed, st.just(START)),
        st.builds(lambda known: known(), st.sampled_from([local_admin, local_scraper])),
    )


def test_the_database_and_the_principal_agree_on_who_sees_what(scene: Scene) -> None:
    made = [(scene.create(subject=subject), subject) for subject in (None, "ada", "ada", "bob", None)]

    @settings(max_examples=examples(150), deadline=None, suppress_health_check=list(HealthCheck))
    @given(principals([video_id for video_id, _ in made]))
    def agree(principal: Principal) -> None:
        query = select(videos.c.id).where(queries.visible(principal))
        found = set(scene.db.write_now(lambda tx: list(tx.execute(query).scalars())))
        assert found == {video_id for video_id, subject in made if principal.sees(video_id, subject)}

    agree()


def listing(scene: Scene, by: Principal = OPERATOR, page: Wanted | None = None, **which: Any) -> dict[str, Any]:
    given = queries.Filter.parse(**which)
    return scene.db.write_now(lambda tx: queries.listing(tx.conn, by, given, page or Wanted()))


def test_a_list_is_narrowed_by_state_subject_and_words(scene: Scene) -> None:
    one = scene.create(State.RENDERING, title="Summer 100% off", subject="ada", heygen_video_id="hg-77")
    two = scene.create(State.READY, title="Winter", subject="bob")
    found = lambda **which: [video["id"] for video in listing(scene, **which)["data"]]  # noqa: E731
    assert found() == [two, one]
    assert found(state="rendering") == [one]
    assert found(state="rendering,ready") == [two, one]
    assert found(subject="ad\x00a") == [one]
    assert found(subject="Ada") == []
    assert found(words="sUMMer") == [one]
    assert found(words="100%") == [one]
    assert found(words="1%0") == [], "no wildcards"
    assert found(words="hg-77") == [one]
    assert found(words="bo\x00b") == [two]
    assert found(words=two[-4:], state="rendering") == []
    scene.edit(one, late=True)
    assert (found(late=True), found(late=False)) == ([one], [two])
    assert (found(kind="avatar_video"), found(kind="video_\x00agent")) == ([two, one], [])
    with pytest.raises(WrongInput, match="state must be some of requested, rendering"):
        listing(scene, state="done")


def test_a_list_comes_in_pages_with_the_streams_head(scene: Scene) -> None:
    made = [scene.create() for _ in range(3)]
    first = listing(scene, page=Wanted(2))
    assert [video["id"] for video in first["data"]] == [made[2], made[1]]
    assert first["next_cursor"]
    assert first["stream_id"] == 3
    last = listing(scene, page=Wanted(2, id=made[1]))
    assert ([video["id"] for video in last["data"]], last["next_cursor"]) == ([made[0]], None)


def test_one_may_not_learn_that_a_video_exists(scene: Scene) -> None:
    theirs = scene.create(subject="bob")
    for video_id in (theirs, "none", "x\x00y"):
        for read in (queries.find, queries.detail, story.read):
            with pytest.raises(NotFound, match="there is no video"):
                scene.db.write_now(lambda tx, read=read, id=video_id: read(tx.conn, viewer("ada"), id))  # type: ignore[misc]
    assert listing(scene, viewer("ada"))["data"] == []
    counts = scene.db.write_now(lambda tx: queries.counts(tx.conn, viewer("ada"), queries.Filter()))
    assert set(counts["data"].values()) == {0}


def test_every_state_is_counted(scene: Scene) -> None:
    for state, subject in ((State.READY, "ada"), (State.READY, "bob"), (State.RENDERING, "ada")):
        scene.create(state, subject=subject)
    counts = lambda **which: scene.db.write_now(  # noqa: E731
        lambda tx: queries.counts(tx.conn, OPERATOR, queries.Filter.parse(**which))
    )
    assert counts()["data"] == dict.fromkeys(State, 0) | {"ready": 2, "rendering": 1}
    assert counts()["stream_id"] == 3
    assert counts(subject="ada")["data"] == dict.fromkeys(State, 0) | {"ready": 1, "rendering": 1}


def test_an_asset_is_shown_only_when_its_video_is_ready(scene: Scene) -> None:
    video_id = scene.create(heygen_video_id="hg-1")
    scene.move(video_id, State.RENDERED, source_url=LINK)
    scene.move(video_id, State.ARCHIVING)
    asset_id = scene.store(video_id)
    poster_id = scene.store(video_id, "poster", url="https://cdn/p.jpg")
    detail = lambda: scene.db.write_now(lambda tx: queries.detail(tx.conn, OPERATOR, video_id))  # noqa: E731
    assert detail()["asset"] is None
    scene.move(video_id, State.READY)
    shown = detail()
    assert shown["asset"] == {
        "url": f"/media/{asset_id}",
        "poster_url": "https://cdn/p.jpg",
        "bytes": 9,
        "sha256": "f" * 64,
        "store": "local",
    }
    assert [(file["id"], file["role"]) for file in shown["assets"]] == [(asset_id, "video"), (poster_id, "poster")]
    assert "heygen.example" not in str(shown)


def test_a_file_that_is_not_stored_yet_has_no_address(scene: Scene) -> None:
    video_id = scene.create(State.READY)
    scene.store(video_id)
    scene.store(video_id, "gif", state="pending", source_url=LINK)
    shown = scene.db.write_now(lambda tx: queries.detail(tx.conn, OPERATOR, video_id))
    assert shown["asset"]["poster_url"] is None
    assert [(file["role"], file["url"]) for file in shown["assets"]][1] == ("gif", None)
    assert "heygen.example" not in str(shown)
    scene.db.write_now(lambda tx: tx.execute(videos.delete()))
    other = scene.create(State.READY)
    assert scene.db.write_now(lambda tx: queries.detail(tx.conn, OPERATOR, other))["asset"] is None


@pytest.mark.parametrize(
    ("store", "url", "stream"),
    [
        ("cloudinary", "https://media.example/c/video/upload/v17/r/a.b/video.mp4", "sp_auto/v17/r/a.b/video.m3u8"),
        ("cloudinary", "https://res.cloudinary.com/c/image/upload/v17/r/a/poster.jpg", None),
        ("cloudinary", "https://res.cloudinary.com/c/raw/upload/v17/r/a/captions", None),
        ("local", None, None),
    ],
)
def test_a_video_at_cloudinary_has_a_stream_on_the_same_host(
    scene: Scene, store: str, url: str | None, stream: str | None
) -> None:
    video_id = scene.create(State.READY)
    scene.store(video_id, store=store, url=url)
    [shown] = scene.db.write_now(lambda tx: queries.detail(tx.conn, OPERATOR, video_id))["assets"]
    assert shown["stream_url"] == (stream and f"https://media.example/c/video/upload/{stream}")


def test_the_end_of_heygens_link_is_told_until_the_video_is_stored(scene: Scene) -> None:
    video_id, _ = scene.apply(signal(url=f"{LINK}&Expires=1795350000"))
    ends = "2026-11-22T12:20:00.000Z"
    assert [told.get("link_expires_at") for told in scene.updates(video_id)] == [None, ends], "with the move itself"
    (shown,) = listing(scene)["data"]
    assert (shown["state"], shown["asset"], shown["link_expires_at"]) == ("rendered", None, ends)
    scene.move(video_id, State.ARCHIVING, State.READY)
    assert listing(scene)["data"][0]["link_expires_at"] is None


def test_times_are_told_in_one_form(scene: Scene) -> None:
    video_id = scene.create()
    scene.edit(video_id, eta_at=START)
    shown = scene.db.write_now(lambda tx: queries.detail(tx.conn, OPERATOR, video_id))
    assert shown["eta_at"] == shown["created_at"] == "2026-11-22T12:00:00.000Z"


@pytest.mark.parametrize(
    ("which", "sort", "plan"),
    [
        ({}, Sort.NEWEST, "SCAN videos USING INDEX sqlite_autoindex_videos_1"),
        ({"state": "ready"}, Sort.NEWEST, "SEARCH videos USING INDEX videos_state_id (state=?)"),
        ({"late": True}, Sort.NEWEST, "SCAN videos USING INDEX videos_late"),
        ({}, Sort.CHANGED, "SCAN videos USING INDEX videos_by_change"),
    ],
)
def test_a_page_is_a_piece_of_an_index(scene: Scene, which: dict[str, Any], sort: Sort, plan: str) -> None:
    """However many videos there are, none is sorted to find it."""
    if not scene.db.is_sqlite:
        pytest.skip("SQLite's planner needs no rows to be asked")
    with explained(scene.db) as plans:
        scene.db.write_now(
            lambda tx: queries.listing(tx.conn, OPERATOR, queries.Filter.parse(**which), Wanted(sort=sort))
        )
    assert [lines for lines in plans if any(" videos " in line for line in lines)] == [[plan]]


@pytest.mark.parametrize(
    ("many", "plan"),
    [
        (2, ["SCAN videos USING INDEX videos_by_change"]),
        (3, ["SEARCH videos USING INDEX videos_state_id (state=?)", "USE TEMP B-TREE FOR ORDER BY"]),
    ],
)
def test_many_in_some_states_are_met_in_order_and_few_are_sorted(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, many: int, plan: list[str]
) -> None:
    if not scene.db.is_sqlite:
        pytest.skip("SQLite's planner needs no rows to be asked")
    monkeypatch.setattr(queries, "MANY", many)
    failed, _, ready = (scene.create(state) for state in (State.FAILED, State.RENDERING, State.READY))
    with explained(scene.db) as plans:
        found = listing(scene, state="ready,failed", page=Wanted(sort=Sort.CHANGED))
    assert [video["id"] for video in found["data"]] == [ready, failed]
    assert plan in plans


def test_the_usual_time_is_read_from_videos_that_were_asked_for(scene: Scene) -> None:
    """Whose videos are all requested elsewhere must not have them looked through at each that comes."""
    if not scene.db.is_sqlite:
        pytest.skip("SQLite's planner needs no rows to be asked")
    with explained(scene.db) as plans:
        scene.db.write_now(lambda tx: usual(tx.conn, "avatar_video"))
    assert plans == [["SEARCH videos USING INDEX videos_asked_for (kind=? AND rendered_at>?)"]]
