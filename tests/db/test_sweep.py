"""Deleting a few rows at a time: exactly what is to go, and never more than a batch in one transaction."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from reelhook.db import Database
from reelhook.db.schema import prepare
from reelhook.db.sweep import Sweep, beyond_newest, either, fixed, older_than
from reelhook.db.tables import audit
from tests.conftest import START
from tests.sweeping import swept

KEY = audit.c.id


def written(db: Database, *seconds: int, actor: str = "a") -> None:
    rows = [
        {"at": START + timedelta(seconds=at), "actor": actor, "action": "x", "target": None, "data": {}}
        for at in seconds
    ]
    db.write_now(lambda tx: tx.execute(audit.insert(), rows))


def left(db: Database) -> list[int]:
    query = select(audit.c.at).order_by(KEY)
    return [int((at - START).total_seconds()) for at in db.write_now(lambda tx: tx.execute(query).scalars().all())]


def bound(db: Database, of: Any) -> Any:
    return db.write_now(lambda tx: of(tx.conn))


def test_numbered_rows_go_by_their_time(prepared: Database) -> None:
    until = older_than(KEY, audit.c.at, START + timedelta(seconds=3))
    assert bound(prepared, until) is None
    written(prepared, 1, 2)
    assert bound(prepared, until) == 3, "all are older"
    written(prepared, 3, 4, 5)
    assert swept(prepared, [Sweep(KEY, until)]) == {"audit": 2}
    assert left(prepared) == [3, 4, 5]
    assert swept(prepared, [Sweep(KEY, until)]) == {}


def test_the_newest_of_them_stay(prepared: Database) -> None:
    assert bound(prepared, beyond_newest(KEY, 3)) is None
    written(prepared, *range(10))
    assert swept(prepared, [Sweep(KEY, beyond_newest(KEY, 3))]) == {"audit": 7}
    assert left(prepared) == [7, 8, 9]
    assert swept(prepared, [Sweep(KEY, beyond_newest(KEY, 3))]) == {}


def test_of_two_bounds_the_higher_one_counts(prepared: Database) -> None:
    written(prepared, *range(10))
    for one, other, expected in ((fixed(3), fixed(5), 5), (fixed(3), lambda _: None, 3), (lambda _: None, fixed(2), 2)):
        assert bound(prepared, either(one, other)) == expected
    assert bound(prepared, either(lambda _: None, lambda _: None)) is None


def test_what_stays_is_passed_over_and_each_batch_looks_at_few_rows(prepared: Database) -> None:
    written(prepared, *range(10))
    written(prepared, *range(10, 20), actor="kept")
    written(prepared, *range(20, 25))
    sweep = Sweep(KEY, fixed(100), audit.c.actor != "kept")
    steps, after = [], None
    while not steps or after is not None:
        done = prepared.write_now(lambda tx, after=after: sweep.batch(tx, after, 100, 4))
        steps.append((done.removed, done.after))
        after = done.after
    assert steps == [(4, 4), (4, 8), (2, 12), (0, 16), (0, 20), (4, 24), (1, None)]
    assert left(prepared) == list(range(10, 20))


def test_what_belongs_to_the_rows_goes_in_the_same_transaction_or_nothing_does(prepared: Database) -> None:
    written(prepared, *range(4))

    def along(tx: Any, span: Any, last: Any) -> None:
        seen.append((len(tx.execute(select(KEY).where(span)).fetchall()), last))
        if broken:
            raise LookupError

    seen: list[Any] = []
    broken = True
    sweep = Sweep(KEY, fixed(4), audit.c.id != 2, along)
    with pytest.raises(LookupError):
        prepared.write_now(lambda tx: sweep.batch(tx, None, 4, 9))
    assert left(prepared) == [0, 1, 2, 3]
    broken = False
    assert prepared.write_now(lambda tx: sweep.batch(tx, None, 4, 9)).removed == 2
    assert seen == [(2, 3), (2, 3)]


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    database = Database(f"sqlite:///{Path(tmp_path_factory.mktemp('own')) / 'own.db'}")
    database.migrate(prepare)
    yield database
    database.close()


@given(kept=st.lists(st.booleans(), max_size=20), end=st.integers(0, 25), most=st.integers(1, 7))
@settings(max_examples=40, deadline=None)
def test_exactly_what_is_to_go_goes(own: Database, kept: list[bool], end: int, most: int) -> None:
    own.write_now(lambda tx: tx.execute(delete(audit)))
    first = bound(own, lambda conn: conn.exec_driver_sql("SELECT seq FROM sqlite_sequence WHERE name='audit'").scalar())
    first = (first or 0) + 1
    for number, stays in enumerate(kept):
        written(own, number, actor="kept" if stays else "a")
    swept(own, [Sweep(KEY, fixed(first + end), audit.c.actor != "kept")], most=most)
    assert left(own) == [number for number, stays in enumerate(kept) if stays or number >= end]
