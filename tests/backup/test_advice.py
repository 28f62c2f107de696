"""What docs/backup.md tells operators of Postgres to run does what it says."""

import re
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from reelhook.db import Database, Tx
from reelhook.db.tables import metadata
from reelhook.realtime import log as stream_log
from reelhook.realtime.log import HistoryGone
from tests.backup.conftest import add_video
from tests.servers import Postgres, postgres

__all__ = ["postgres"]

PAGE = Path(__file__).parents[2] / "docs" / "backup.md"


@pytest.fixture
def advice() -> str:
    """The SQL on the page."""
    (found,) = re.findall(r"```sql\n(.*?)```", PAGE.read_text(), re.DOTALL)
    return str(found).replace("BEGIN;", "").replace("COMMIT;", "")


@pytest.fixture
def went_back(postgres: Postgres, advice: str) -> Database:
    """A database that was restored to an earlier moment and treated as advised."""
    db = Database(postgres.create("prepared"))
    db.write_now(lambda tx: add_video(tx, 1))
    db.write_now(lambda tx: [tx.execute(text(part)) for part in advice.split(";") if part.strip()])
    return db


def replay(conn: Connection, last_id: int) -> list[int]:
    updates, _ = stream_log.replay(conn, last_id, 10)
    return [update.id for update in updates]


def test_every_number_from_before_is_answered_with_resync_and_new_ones_come_above(went_back: Database) -> None:
    floor = went_back.write_now(lambda tx: stream_log.floor(tx.conn))
    assert floor > 1_700_000_000_000_000
    for last_id in (0, 1, 1000):
        with pytest.raises(HistoryGone):
            went_back.write_now(lambda tx, last_id=last_id: replay(tx.conn, last_id))
    went_back.write_now(lambda tx: add_video(tx, 2))
    assert went_back.write_now(lambda tx: replay(tx.conn, floor)) == [floor + 1]
    went_back.close()


def test_it_names_every_table_that_counts(went_back: Database, advice: str) -> None:
    counting = {table.name for table in metadata.tables.values() if table.dialect_options["sqlite"]["autoincrement"]}

    def raised(tx: Tx) -> set[str]:
        query = "SELECT sequencename FROM pg_sequences WHERE last_value > 1000000000"
        return {name.removesuffix("_id_seq") for name in tx.execute(text(query)).scalars()}

    assert went_back.write_now(raised) == counting
    went_back.close()
