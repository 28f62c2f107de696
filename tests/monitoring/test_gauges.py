"""What a scrape reads from the database: right numbers, always in the same few queries, each along an index."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import Connection

from reelhook.db import Database
from reelhook.db import tables as t
from reelhook.jobs.kinds import KINDS
from reelhook.monitoring import gauges as room
from reelhook.monitoring.gauges import Gauges, read
from tests.conftest import START, StillClock
from tests.monitoring.test_reading import Rows, counted, rows
from tests.plans import explained
from tests.retention.world import World

__all__ = ["rows"]
QUERIES = 4
# Read from one end to the other, or as far as a limit: hold nothing else, or, of events, are read from the newest on.
READ_ALONG = {"jobs_due", "jobs_leased", "jobs_dead", "incidents_open", "sqlite_autoindex_events_1"}


def seen(db: Database) -> dict[str, dict[tuple[str, ...], float]]:
    """The gauges by name; what is 0 for want of anything is left out where there are labels."""
    found = db.write_now(lambda tx: list(read(tx.conn, START)))
    return {one.name: {of: value for of, value in values.items() if value or not of} for one, values in found}


def incident(rows: Rows, rule: str, *, resolved: bool = False, drill: bool = False) -> None:
    made: dict[str, Any] = {"id": rows.ids.new(), "rule": rule, "subject": rows.ids.new(), "drill": drill}
    told = {"severity": "critical", "level": 1, "value": 1.0, "says": "", "opened_at": START}
    rows.add(t.incidents, **made, **told, resolved_at=START if resolved else None)


def test_an_empty_database_is_all_zero(prepared: Database) -> None:
    found = dict(prepared.write_now(lambda tx: [(one.name, dict(values)) for one, values in read(tx.conn, START)]))
    assert set(found["reelhook_jobs"].values()) == {0}
    assert {kind for kind, _ in found["reelhook_jobs"]} == set(KINDS)
    assert set(found["reelhook_videos"].values()) == {0}
    assert found["reelhook_backlog_seconds"] == found["reelhook_dead_letters"] == {(): 0}
    assert "reelhook_receipt_age_seconds" not in found, "nobody told anything yet"


def test_jobs_are_counted_by_kind_and_state_and_the_backlog_is_the_oldest_that_is_due(rows: Rows) -> None:
    rows.job(3)
    rows.job(5, "retryable", "archive_asset")
    rows.job(-9)
    rows.job(60, "running", "archive_asset", lease_until=rows.ago(-1))
    rows.job(60, "done")
    rows.job(60, "dead")
    rows.job(60, "dead", discarded_reason="enough")
    found = seen(rows.db)
    assert found["reelhook_jobs"] == {
        ("delete_stored", "available"): 2,
        ("archive_asset", "retryable"): 1,
        ("archive_asset", "running"): 1,
    }
    assert found["reelhook_backlog_seconds"] == {(): 300}
    assert found["reelhook_dead_letters"] == {(): 1}


def test_what_is_not_due_yet_is_no_backlog(rows: Rows) -> None:
    rows.job(-9)
    assert seen(rows.db)["reelhook_backlog_seconds"] == {(): 0}


def test_videos_on_their_way_are_counted_and_those_that_arrived_are_not(rows: Rows) -> None:
    for state in ("rendering", "rendering", "archiving", "unarchived", "ready", "failed"):
        rows.video(5, state)
    assert seen(rows.db)["reelhook_videos"] == {("rendering",): 2, ("archiving",): 1, ("unarchived",): 1}


def test_open_incidents_are_counted_but_no_drills(rows: Rows) -> None:
    incident(rows, "no_webhooks")
    incident(rows, "destination_down")
    incident(rows, "destination_down")
    incident(rows, "backlog_age", drill=True)
    incident(rows, "disk_full", resolved=True)
    assert seen(rows.db)["reelhook_incidents_open"] == {
        ("no_webhooks", "critical"): 1,
        ("destination_down", "critical"): 2,
    }


def test_links_that_end_and_the_last_word_of_heygens(rows: Rows) -> None:
    for dies_in in (30, -60, 300, -60 * 48):
        rows.asset(rows.video(5, "archiving"), dies_in)
    rows.event(7)
    rows.event(2, "reconcile")
    found = seen(rows.db)
    assert found["reelhook_links_expiring"] == {(): 2}
    assert found["reelhook_receipt_age_seconds"] == {(): 420}


def test_no_count_looks_at_more_rows_than_the_cap(rows: Rows, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "CAP", 3)
    for _ in range(5):
        rows.job(3)
        rows.job(3, "dead")
        rows.video(3, "rendering")
    found = seen(rows.db)
    assert found["reelhook_jobs"] == {("delete_stored", "available"): 3}
    assert found["reelhook_dead_letters"] == {(): 3}
    assert found["reelhook_videos"] == {("rendering",): 3}


def test_the_number_of_queries_is_fixed_and_each_goes_along_an_index(rows: Rows) -> None:
    with counted(rows.db) as in_an_empty_one:
        seen(rows.db)
    World(rows.db, rows.ids, START).round(40, START)
    for _ in range(40):
        rows.job(5)
        rows.video(9, "rendering")
        incident(rows, "no_webhooks")
    with counted(rows.db) as in_a_full_one:
        seen(rows.db)
    assert in_a_full_one == in_an_empty_one
    assert len(in_a_full_one) == QUERIES
    if rows.db.is_sqlite:  # whose planner needs no rows to be asked
        with explained(rows.db) as plans:
            seen(rows.db)
        scans = [line for plan in plans for line in plan if line.startswith("SCAN ")]
        tables = [line for line in scans if line.split()[1] in t.metadata.tables]
        whole = [line for line in tables if not any(f"USING INDEX {index}" in line for index in READ_ALONG)]
        assert not whole


async def test_while_the_database_does_not_answer_only_that_is_told(
    prepared: Database, clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    gauges = Gauges(prepared, clock)
    (up, *others) = await gauges.families()
    assert (up.name, up.samples[0].value, bool(others)) == ("reelhook_gauges_up", 1, True)
    monkeypatch.setattr(room, "LIMIT_S", 0.02)
    busy = asyncio.Event()

    def slow(conn: Connection, now: Any) -> list[Any]:
        loop.call_soon_threadsafe(busy.set)
        return asyncio.run_coroutine_threadsafe(asyncio.sleep(0.1), loop).result() or []

    loop = asyncio.get_running_loop()
    monkeypatch.setattr(room, "read", slow)
    (down,) = await gauges.families()
    assert (down.name, down.samples[0].value) == ("reelhook_gauges_up", 0)
    await busy.wait()
