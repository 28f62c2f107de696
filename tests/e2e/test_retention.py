"""Retention from outside: what is old goes when the service starts, and browsers that missed it are told."""

import sqlite3
from datetime import UTC, datetime, timedelta

from sqlalchemy import insert

from reelhook.db import Database
from reelhook.db.tables import events, stream
from reelhook.kit.ids import Ids
from tests.processes import Service, wait_until

NOW = datetime.now(UTC)


class Then:
    """A clock that stands where it was set."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def now(self) -> datetime:
        return self._at


def lived_through(service: Service, *ages: timedelta) -> None:
    """Fill the database with what would be there after so long."""
    assert service.command("migrate").returncode == 0
    database = Database(f"sqlite:///{service.folder / 'reelhook.db'}")
    for age in ages:
        at = NOW - age
        event = {
            "id": Ids(Then(at)).new(),  # type: ignore[arg-type]
            "source": "webhook",
            "endpoint": "heygen",
            "type": "avatar_video.success",
            "state": "ignored",
            "body": b"{}",
            "headers": b"[]",
            "received_at": at,
        }
        update = {"event": "video.updated", "data": "{}", "at": at}
        for statement in (insert(events).values(**event), insert(stream).values(**update)):
            database.write_now(lambda tx, statement=statement: tx.execute(statement).close())
    database.close()


def count(service: Service, table: str) -> int:
    connection = sqlite3.connect(f"file:{service.folder / 'reelhook.db'}?mode=ro", uri=True, timeout=10)
    try:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
    finally:
        connection.close()


def test_what_is_old_goes_at_the_start_and_a_browser_that_missed_it_is_told(service: Service) -> None:
    service.settings = {"event_days": 30, "stream_days": 10}
    lived_through(service, *(timedelta(days=days) for days in (40, 35, 20, 5)))
    service.start()
    wait_until(lambda: (count(service, "events"), count(service, "stream")) == (2, 1), what="the old rows are gone")
    with service.client() as client:
        assert 'reelhook_pruned_rows_total{table="events"} 2.0' in client.get("/metrics").text
    service.stop()
    service.start()  # until here it still had them in memory
    with (
        service.client() as client,
        client.stream("GET", "/api/v1/stream", params={"last_event_id": 1}) as told,
    ):
        lines = told.iter_lines()
        frame = [next(lines) for _ in range(6)]
        assert "event: resync" in frame
        assert "id: 4" in frame
