"""The key of a question to HeyGen is on disk before it is asked, and stays until the answer is stored."""

from datetime import timedelta

import pytest

from reelhook.db import Database
from reelhook.db.tables import marks
from reelhook.ingest.under_way import begin, end, under_way
from tests.conftest import START
from tests.servers import database_url, postgres, prepared_file

__all__ = ["database_url", "postgres", "prepared_file"]


async def test_who_begins_again_gets_the_key_of_before(db: Database) -> None:
    first = await db.write(lambda tx: begin(tx, "rotate", "e1", "key 1", START))
    again = await db.write(lambda tx: begin(tx, "rotate", "e1", "key 2", START + timedelta(hours=22)))
    assert (first, again.key) == (again, "key 1")
    other = await db.write(lambda tx: begin(tx, "register", "e1", "key 3", START + timedelta(hours=1)))
    assert await db.read(under_way) == (first, other)


async def test_once_heygen_has_forgotten_it_a_new_one_is_taken(db: Database) -> None:
    first = await db.write(lambda tx: begin(tx, "rotate", "e1", "key 1", START))
    later = START + timedelta(hours=23)
    assert not first.repeatable(later)
    again = await db.write(lambda tx: begin(tx, "rotate", "e1", "key 2", later))
    assert (again.key, await db.read(under_way)) == ("key 2", (again,))


async def test_what_has_ended_is_forgotten_and_other_marks_are_not(db: Database) -> None:
    await db.write(lambda tx: tx.execute(marks.insert(), {"name": "stream_floor", "value": "7"}) and None)
    for target in ("e1", "https://h/" + "x" * 3000):
        change = await db.write(lambda tx, target=target: begin(tx, "rotate", target, "key", START))  # type: ignore[misc]
        await db.write(lambda tx, change=change: end(tx, change))  # type: ignore[misc]
    assert await db.read(under_way) == ()
    assert await db.read(lambda conn: conn.execute(marks.select()).scalar()) == "stream_floor"


@pytest.mark.parametrize("kind", ["register", "rotate"])
async def test_a_change_reads_back_as_it_was_written(kind: str, db: Database) -> None:
    begun = await db.write(lambda tx: begin(tx, kind, "ü", "key", START))  # type: ignore[arg-type]
    assert await db.read(under_way) == (begun,)
