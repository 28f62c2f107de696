"""Whether a write is taken, and can be read."""

from typing import Any

import pytest
from sqlalchemy import delete, select

from reelhook.db import Database
from reelhook.db.probe import write_and_read
from reelhook.db.tables import marks
from reelhook.errors import DatabaseUnavailable
from tests.conftest import StillClock


async def test_it_leaves_one_row_however_often(db: Database, clock: StillClock) -> None:
    for _ in range(3):
        await write_and_read(db, clock)
        clock.move(1)
    rows = await db.read(lambda conn: conn.execute(select(marks)).fetchall())
    assert [(row.name, row.value) for row in rows] == [("write_probe", "2026-11-22T12:00:02+00:00")]


async def test_a_write_that_is_refused_or_not_to_be_seen_is_trouble(
    db: Database, clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: Any) -> Any:
        raise DatabaseUnavailable("it is read-only")

    def forget(work: Any) -> Any:
        done = write(work)
        write(lambda tx: tx.execute(delete(marks)))
        return done

    write = db._write
    for instead, says in ((refuse, "it is read-only"), (forget, "cannot be read")):
        monkeypatch.setattr(db, "_write", instead)
        with pytest.raises(DatabaseUnavailable, match=says):
            await write_and_read(db, clock)
