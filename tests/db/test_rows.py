"""One row by its id."""

import pytest
from sqlalchemy import insert

from reelhook.db import Database
from reelhook.db.rows import row_of
from reelhook.db.tables import people
from reelhook.errors import NotFound
from tests.conftest import START


@pytest.mark.parametrize("id", ["b", "", "a\x00", "a\ud800"])
async def test_what_is_not_there_is_named_and_what_no_database_takes_finds_nothing(db: Database, id: str) -> None:
    row = {"id": "a", "email": "ann@example.com", "role": "viewer", "created_at": START}
    await db.write(lambda tx: tx.execute(insert(people).values(**row)) and None)
    assert (await db.read(lambda conn: row_of(conn, people, "a", "person"))).email == "ann@example.com"
    assert (await db.write(lambda tx: row_of(tx.conn, people, "a", "person", lock=True))).role == "viewer"
    with pytest.raises(NotFound, match="there is no person"):
        await db.read(lambda conn: row_of(conn, people, id, "person"))
