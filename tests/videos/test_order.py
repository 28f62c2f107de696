"""The orders of the list: each page goes on where the one before ended, whatever has moved meanwhile."""

import base64

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from reelhook.db.tables import videos
from reelhook.errors import WrongInput
from reelhook.videos import State, queries
from reelhook.videos.order import LONGEST_CURSOR, Sort, Wanted, wanted
from tests.conftest import examples
from tests.videos.scene import OPERATOR, Scene


def walk(scene: Scene, sort: Sort, limit: int = 2) -> list[str]:
    """Every page of a list, as a client asks for them."""
    found: list[str] = []
    cursor = None
    while True:
        at = wanted(limit, sort, cursor)
        page = scene.db.write_now(lambda tx, at=at: queries.listing(tx.conn, OPERATOR, queries.Filter(), at))  # type: ignore[misc]
        found += [video["id"] for video in page["data"]]
        cursor = page["next_cursor"]
        if cursor is None:
            return found


def test_each_order_puts_first_what_its_name_says(scene: Scene) -> None:
    made = {}
    for title, state in (
        ("bee", "ready"),
        ("Ant", "rendering"),
        (None, "failed"),
        ("ant", "requested"),
        ("Zoë", "ready"),
    ):
        made[title] = scene.create(State(state), title=title)
        scene.clock.move(60)
    scene.db.write_now(lambda tx: scene.lifecycle.amend(tx, made["Ant"], title="Ant"))
    named = {video_id: title for title, video_id in made.items()}
    order = {sort: [named[video_id] for video_id in walk(scene, sort)] for sort in Sort}
    assert order == {
        "newest": ["Zoë", "ant", None, "Ant", "bee"],
        "changed": ["Ant", "Zoë", "ant", None, "bee"],
        "title": ["Ant", "ant", "bee", "Zoë", None],
        "waiting": ["Ant", "ant", "Zoë", None, "bee"],
    }


def test_pages_of_any_size_make_up_the_whole_list_once(scene: Scene) -> None:
    titles = st.lists(st.none() | st.sampled_from(["a", "A", "b", "", "ä", "\U0010ffff", "\uffff"]), max_size=9)

    @settings(max_examples=examples(8), deadline=None, suppress_health_check=list(HealthCheck))
    @given(titles, st.sampled_from(Sort), st.integers(1, 4))
    def whole(titles: list[str | None], sort: Sort, limit: int) -> None:
        scene.db.write_now(lambda tx: tx.execute(text("DELETE FROM videos")))
        states = [State.RENDERING, State.READY, State.FAILED]
        made = [scene.create(states[number % 3], title=title) for number, title in enumerate(titles)]
        found = walk(scene, sort, limit)
        assert sorted(found) == sorted(made)
        assert found == walk(scene, sort, 200)

    whole()


def test_a_page_goes_on_behind_its_cursor_although_that_video_moved_or_is_gone(scene: Scene) -> None:
    made = [scene.create(title=title) for title in "abcd"]
    ask = lambda cursor: scene.db.write_now(  # noqa: E731
        lambda tx: queries.listing(tx.conn, OPERATOR, queries.Filter(), wanted(2, Sort.TITLE, cursor))
    )
    first = ask(None)
    scene.db.write_now(lambda tx: scene.lifecycle.amend(tx, made[1], title="z"))
    assert [video["title"] for video in ask(first["next_cursor"])["data"]] == ["c", "d"]
    scene.db.write_now(lambda tx: scene.lifecycle.delete(tx, made[1]))
    assert [video["title"] for video in ask(first["next_cursor"])["data"]] == ["c", "d"]


def cursor_of(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


@pytest.mark.parametrize(
    ("sort", "cursor"),
    [
        (Sort.NEWEST, "?"),
        (Sort.TITLE, "é"),
        (Sort.TITLE, cursor_of(b"0193a000")),
        (Sort.TITLE, cursor_of(b'["changed",5,"id"]')),
        (Sort.TITLE, cursor_of(b'["title",5,"id"]')),
        (Sort.CHANGED, cursor_of(b'["changed","5","id"]')),
        (Sort.CHANGED, cursor_of(b'["changed",true,"id"]')),
        (Sort.CHANGED, cursor_of(b'["changed",9223372036854775808,"id"]')),
        (Sort.CHANGED, cursor_of(b'["changed",5,null]')),
        (Sort.WAITING, cursor_of(b'{"waiting":1}')),
    ],
)
def test_what_is_no_cursor_of_this_order_is_refused(sort: Sort, cursor: str) -> None:
    with pytest.raises(WrongInput, match="leave it out to begin at its start"):
        wanted(5, sort, cursor)


def test_a_cursor_of_ours_fits_its_limit_and_a_foreign_one_does_no_harm(scene: Scene) -> None:
    for _ in range(2):
        scene.create(title="\U0001f39e" * 200)
    page = scene.db.write_now(
        lambda tx: queries.listing(tx.conn, OPERATOR, queries.Filter(), wanted(1, Sort.TITLE, None))
    )
    assert len(page["next_cursor"]) < LONGEST_CURSOR
    odd = wanted(1, Sort.TITLE, cursor_of(b'["title","a\\u0000","x\\u0000"]'))
    assert (odd.key, odd.id) == ("a", "x")


@pytest.mark.parametrize("sort", [Sort.CHANGED, Sort.TITLE, Sort.WAITING])
def test_every_order_is_read_from_an_index(scene: Scene, sort: Sort) -> None:
    key: str | int = "a" if sort is Sort.TITLE else 5
    statement = Wanted(2, sort, key, "id").page(select(videos))
    compiled = scene.db.write_now(
        lambda tx: str(statement.compile(tx.conn.engine, compile_kwargs={"literal_binds": True}))
    )

    def plan(tx):  # type: ignore[no-untyped-def]
        if tx.conn.dialect.name == "sqlite":
            return tx.execute(text(f"EXPLAIN QUERY PLAN {compiled}")).fetchall()
        tx.execute(text("SET LOCAL enable_seqscan = off"))
        tx.execute(text("SET LOCAL enable_sort = off"))
        return tx.execute(text(f"EXPLAIN {compiled}")).fetchall()

    said = str(scene.db.write_now(plan))
    assert {"changed": "videos_by_change", "title": "videos_by_title", "waiting": "videos_by_waiting"}[sort] in said
    assert "sort" not in said.lower().replace("sort_key", "").replace("temp b-tree", "sort")
    if scene.db.is_sqlite:
        assert "SEARCH" in said, "it begins where the page before ended"
