"""The named moments of a write transaction: where the kill test lets the process die, and what is on the disk then."""

from collections.abc import Iterator

import pytest
from sqlalchemy import insert, select

from reelhook.db import Database, Tx
from reelhook.db.connections import connect
from reelhook.db.tables import marks


class Witness:
    """Looks, at each point, at what others can see."""

    def __init__(self, url: str) -> None:
        self.saw: list[tuple[str, int]] = []
        self.db = Database(url, self)
        self.other = connect(self.db.url, readonly=True)

    def __call__(self, point: str) -> None:
        with self.other.connect() as conn:
            self.saw.append((point, len(conn.execute(select(marks)).fetchall())))


@pytest.fixture
def witness(database_url: str) -> Iterator[Witness]:
    made = Witness(database_url)
    yield made
    made.db.close()
    made.other.dispose()


def test_commit_is_passed_before_others_can_see_the_work_and_committed_after(witness: Witness) -> None:
    witness.db.write_now(lambda tx: tx.execute(insert(marks), {"name": "a", "value": "x"}))
    assert witness.saw == [("begin", 0), ("commit", 0), ("committed", 1)]


def test_work_that_raises_never_comes_to_its_commit(witness: Witness) -> None:
    def work(tx: Tx) -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        witness.db.write_now(work)
    assert witness.saw == [("begin", 0)]


async def test_nobody_was_told_when_committed_is_passed(witness: Witness) -> None:
    told: list[str] = []
    witness.db.on_commit("topic", lambda _: told.append("told"))
    witness.db._at = lambda point: told.append(point)
    await witness.db.write(lambda tx: tx.signal("topic"))
    assert told == ["begin", "commit", "committed", "told"]
