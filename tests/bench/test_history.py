"""A history in SQL is what the same deliveries leave that really come, one pattern after the other."""

import asyncio
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from bench.history import running
from bench.history.copying import NAME
from bench.history.making import LAST_DAY, RENDERING, TABLES, make, shift
from bench.history.pattern import KINDS, NOW

from reelhook.analytics.counts import all_counted
from reelhook.analytics.rows import counted_until, write_hour
from reelhook.analytics.spans import HOUR, hour_of
from reelhook.db import Database
from reelhook.db.tables import metadata
from reelhook.db.types import Moment
from reelhook.inbox import queries
from reelhook.kit.ids import Ids

COPIES = 3
# What a service writes of itself, however little comes in; and the numbers, which depend on the hour.
OWN = {"leases", "rule_readings", "incidents", "incident_entries", "reconciliations", "marks", "numbers"}
# A port, how long something took, and the folder of a file, which is named like the end of its id.
VARIES = re.compile(r'127\.0\.0\.1:\d+|"ms":\d+|[0-9a-f]{2}(?=/~id)')
ITS_WORK = f"kind IN {KINDS}"
OF_DELIVERIES = {"jobs": ITS_WORK, "job_attempts": f"job_id IN (SELECT id FROM jobs WHERE {ITS_WORK})"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("made") / "reelhook.db"
    asyncio.run(make(path, COPIES))
    return path


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("real") / "reelhook.db"
    asyncio.run(_come(path))
    return path


async def _come(path: Path) -> None:
    async with running(path, works=True) as heygen:
        for _ in range(COPIES):
            await heygen.pattern()
        for _ in range(RENDERING):
            await heygen.rendering()


@pytest.fixture
def database(made: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{made}")
    yield database
    database.close()


def rows(path: Path, table: str, which: str = "true") -> list[dict[str, Any]]:
    with closing(sqlite3.connect(path)) as conn:
        conn.row_factory = sqlite3.Row
        return [dict(row) for row in conn.execute(f"SELECT * FROM {table} WHERE {which}")]


def shapes(path: Path, table: str) -> Counter[str]:
    """The rows but for names, times and numbers of rows, which are others with each delivery."""
    columns = metadata.tables[table].c

    def shape(name: str, value: Any) -> Any:
        if name == "id" or (isinstance(columns[name].type, Moment) and value is not None):
            return "~"
        text = value.decode() if isinstance(value, bytes) else value
        return VARIES.sub("~", NAME.sub(lambda name: f"~{name.lastgroup}", text)) if isinstance(text, str) else value

    found = rows(path, table, OF_DELIVERIES.get(table, "true"))
    return Counter(str({name: shape(name, value) for name, value in row.items()}) for row in found)


@pytest.mark.parametrize("table", [table.name for table in TABLES])
def test_each_table_holds_what_really_comes(made: Path, real: Path, table: str) -> None:
    assert shapes(real, table), "or nothing is compared"
    assert shapes(made, table) == shapes(real, table)


def test_deliveries_leave_rows_nowhere_else(made: Path, real: Path) -> None:
    others = [name for name in metadata.tables if name not in OWN | {table.name for table in TABLES}]
    counts = {path: {name: len(rows(path, name)) for name in others} for path in (made, real)}
    assert counts[made] == counts[real]


def test_names_that_belong_together_stay_together(made: Path, database: Database) -> None:
    """What the product finds of each event: what a repeat is known by, who delivered it, and what it changed."""
    events = rows(made, "events")
    told = [database._read(lambda conn, id=event["id"]: queries.detail(conn, id)) for event in events]
    assert all(key["kept"] and key["event_id"] == one["id"] for one in told for key in one["keys"])
    assert all(len(one["attempts"]) == 1 + one["duplicates"] for one in told)
    moved = [one for one in told if one["verdict"] in ("rendered", "failed")]
    assert len(moved) == 3 * COPIES
    assert all(one["changed"] for one in moved)
    applied = [
        id for job in rows(made, "jobs", "kind = 'apply_events'") for id in orjson.loads(job["payload"])["event_ids"]
    ]
    assert sorted(applied) == sorted(event["id"] for event in events)
    with closing(sqlite3.connect(made)) as conn:
        assert conn.execute("PRAGMA foreign_key_check").fetchall() == []
        assert conn.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_indexes_are_as_the_schema_says(made: Path, real: Path) -> None:
    assert rows(made, "sqlite_master", "type = 'index' ORDER BY name") != []
    named = [
        {row["name"]: row["sql"] for row in rows(path, "sqlite_master", "type = 'index'")} for path in (made, real)
    ]
    assert named[0] == named[1]


def test_ids_and_numbers_are_in_the_order_of_time(made: Path) -> None:
    ids = [(event["id"], event["received_at"]) for event in rows(made, "events")]
    assert sorted(ids) == sorted(ids, key=lambda one: one[1])
    for id, received_at in ids:
        came = NOW + timedelta(microseconds=received_at - round(NOW.timestamp() * 1e6))
        assert abs(int(id.replace("-", "")[:12], 16) - int(Ids.first_at(came).replace("-", "")[:12], 16)) < 1000
    attempts = [attempt["at"] for attempt in sorted(rows(made, "delivery_attempts"), key=lambda row: row["id"])]
    assert attempts == sorted(attempts)


def test_histories_of_any_size_end_with_the_same_day() -> None:
    for copies in (100, 100_000):
        assert [shift(copies - back, copies) for back in range(LAST_DAY)] == [-3600 * back for back in range(LAST_DAY)]
        before = [shift(number, copies) for number in range(1, copies - LAST_DAY + 1)]
        assert before == sorted(before)
        assert (before[0], before[-1]) == (pytest.approx(-89.9 * 86_400, rel=0.02), pytest.approx(-86_400, rel=0.02))


def test_the_hours_that_are_over_are_counted_as_the_product_counts(made: Path, database: Database) -> None:
    end = hour_of(NOW - timedelta(minutes=1))
    assert database._read(counted_until) == end
    before = rows(made, "numbers")
    assert {row["step"] for row in before} == {"hour", "day"}
    for back in range(1, COPIES + 1):
        hour = end - back * HOUR
        database.write_now(lambda tx, hour=hour: write_hour(tx, hour, all_counted(tx.conn, hour, hour + HOUR)))  # type: ignore[misc]
    assert rows(made, "numbers") == before
