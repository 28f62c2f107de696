"""The stream log: rows in commit order, and an honest answer when it does not reach back far enough."""

import pytest
from sqlalchemy import delete, text

from reelhook.auth.principal import Principal, local_admin, of_token
from reelhook.db import Database, Tx
from reelhook.db.tables import stream
from reelhook.realtime.log import HistoryGone, Update, after, append, floor, head, latest, raise_floor, replay
from reelhook.realtime.wants import Wants
from tests.conftest import START
from tests.servers import database_url, postgres

from .conftest import Scene

__all__ = ["database_url", "postgres"]  # both databases


def viewer(subject: str, *video_ids: str) -> Principal:
    return of_token(subject, frozenset(video_ids) or None, START)


def pruned(tx: Tx, up_to: int) -> None:
    tx.execute(delete(stream).where(stream.c.id <= up_to))
    raise_floor(tx, up_to)


async def test_an_empty_log(db: Database) -> None:
    assert await db.read(lambda conn: (head(conn), floor(conn), after(conn, 0, 10))) == (0, 0, [])
    assert await db.read(lambda conn: (replay(conn, 0, 10), latest(conn, 10))) == (([], 0), (0, []))


async def test_updates_are_read_in_order_and_in_pages(db: Database, scene: Scene) -> None:
    await scene.write(3, video_id="v", subject="s")
    await scene.write(2)
    first = await db.read(lambda conn: after(conn, 0, 2))
    second = await db.read(lambda conn: after(conn, 2, 10))
    assert first[0] == Update(1, "video.updated", "v", "s", '{"number":0,"filler":""}', START)
    assert [update.id for update in first + second] == [1, 2, 3, 4, 5]
    assert await db.read(head) == 5


async def test_an_update_is_written_at_the_end_of_its_transaction_or_not_at_all(db: Database) -> None:
    def work(tx: Tx) -> int:
        append(tx, "video.updated", {}, at=START)
        assert "stream" in tx.signals
        return len(tx.execute(stream.select()).fetchall())

    assert await db.write(work) == 0
    assert await db.read(head) == 1

    def fails(tx: Tx) -> None:
        append(tx, "video.updated", {}, at=START)
        raise LookupError

    with pytest.raises(LookupError):
        await db.write(fails)
    assert await db.read(head) == 1


async def test_a_client_that_saw_more_than_there_is_must_resync(db: Database, scene: Scene) -> None:
    await scene.write(5)
    assert await db.read(lambda conn: replay(conn, 5, 10)) == ([], 5)
    with pytest.raises(HistoryGone) as gone:
        await db.read(lambda conn: replay(conn, 6, 10))
    assert gone.value.head == 5


async def test_so_must_one_that_missed_what_was_pruned(db: Database, scene: Scene) -> None:
    await scene.write(5)
    await db.write(lambda tx: pruned(tx, 3))
    found, level = await db.read(lambda conn: replay(conn, 3, 10))
    assert ([update.id for update in found], level) == ([4, 5], 5)
    with pytest.raises(HistoryGone) as gone:
        await db.read(lambda conn: replay(conn, 2, 10))
    assert gone.value.head == 5


async def test_a_log_that_was_pruned_whole_remembers_where_it_was(db: Database, scene: Scene) -> None:
    await scene.write(5)
    await db.write(lambda tx: pruned(tx, 5))
    assert await db.read(head) == 5
    assert await db.read(lambda conn: replay(conn, 5, 10)) == ([], 5)
    assert await db.read(lambda conn: latest(conn, 10)) == (5, [])
    await scene.write()
    assert await db.read(head) == 6


@pytest.mark.parametrize(
    ("wants", "seen"),
    [
        (Wants(local_admin()), [1, 2, 3, 4, 5, 6, 7]),
        (Wants(local_admin(), frozenset({"v", "w"})), [1, 2, 4]),
        (Wants(viewer("me")), [1, 3, 5, 6]),
        (Wants(viewer("me"), frozenset({"v"})), [1]),
        (Wants(viewer("me", "w")), [5, 6]),
        (Wants(viewer("nobody")), [5]),
    ],
    ids=["all", "two videos", "one's own", "one of one's own", "a token of one video", "a stranger"],
)
async def test_what_a_client_may_want_is_found_without_the_rest(
    db: Database, scene: Scene, wants: Wants, seen: list[int]
) -> None:
    for about in (
        {"video_id": "v", "subject": "me"},
        {"video_id": "w", "subject": "you"},
        {"video_id": "x", "subject": "me"},
        {"video_id": "v"},
        {},
        {"subject": "me"},
        {"subject": "you"},
    ):
        await scene.write(**about)
    everything = await db.read(lambda conn: after(conn, 0, 10))
    assert [update.id for update in everything if wants(update)] == seen
    found: list[Update] = []
    level = 0
    while level < 7:  # in pages of one, so that each is a place to go on from
        page, level = await db.read(lambda conn, level=level: replay(conn, level, 1, wants.among()))
        found += page
    assert [update.id for update in found if wants(update)] == seen
    if seen[-1] < 7:
        assert len(found) < len(everything), "what is for others is not read"


async def test_the_end_of_the_log_begins_at_the_floor(db: Database, scene: Scene) -> None:
    await scene.write(5)
    assert [update.id for update in (await db.read(lambda conn: latest(conn, 2)))[1]] == [4, 5]
    assert (await db.read(lambda conn: latest(conn, 2)))[0] == 3
    await db.write(lambda tx: raise_floor(tx, 4))  # rows of unfinished videos were spared
    start, updates = await db.read(lambda conn: latest(conn, 10))
    assert (start, [update.id for update in updates]) == (4, [5])


async def test_the_floor_never_sinks(db: Database, scene: Scene) -> None:
    await scene.write(5)
    for to in (2, 4, 3):
        await db.write(lambda tx, to=to: raise_floor(tx, to))
    assert await db.read(floor) == 4


async def test_ids_are_never_given_out_twice(db: Database, scene: Scene) -> None:
    await scene.write(3)
    await db.write(lambda tx: tx.execute(text("DELETE FROM stream")).rowcount)
    await scene.write()
    assert [update.id for update in await db.read(lambda conn: after(conn, 0, 10))] == [4]
