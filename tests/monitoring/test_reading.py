"""A snapshot of real rows: each number by itself, always in the same few queries, each along an index."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert

from reelhook.db import Database
from reelhook.db import tables as t
from reelhook.db.now import database_now
from reelhook.errors import Blame, ReelhookError
from reelhook.jobs import Destinations
from reelhook.jobs.handler import Postpone
from reelhook.jobs.kinds import ReconcileVideos
from reelhook.kit.ids import Ids
from reelhook.monitoring.reading import read
from reelhook.monitoring.snapshot import Around, DisabledEndpoint, OpenError, Snapshot, StoreLimit, UsedSecret
from tests.conftest import START, StillClock
from tests.plans import explained
from tests.retention.world import GROWING, World

MINUTE = timedelta(minutes=1)
QUERIES = 17
# Longer than any of our tables may be read through for a snapshot.
GROWS = {table.name for table in GROWING} | {"videos", "assets", "outgoing_deliveries", "outgoing_attempts"}


def taken(db: Database, now: datetime, around: Around = Around()) -> Snapshot:
    return db.write_now(lambda tx: read(tx.conn, now, around))


@contextmanager
def counted(db: Database) -> Iterator[list[str]]:
    """The statements that are run within."""
    said: list[str] = []

    def note(conn: Any, cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("SELECT"):
            said.append(statement)

    event.listen(db._writer, "before_cursor_execute", note)
    yield said
    event.remove(db._writer, "before_cursor_execute", note)


class Rows:
    """Rows of a service in trouble, each as many minutes old as it says."""

    def __init__(self, db: Database) -> None:
        self.db, self.clock = db, StillClock()
        self.ids = Ids(self.clock)

    def add(self, table: Any, **values: Any) -> None:
        self.db.write_now(lambda tx: tx.execute(insert(table).values(**values)))

    def ago(self, minutes: float) -> datetime:
        return START - minutes * MINUTE

    def id_at(self, minutes: float) -> str:
        return Ids.first_at(self.ago(minutes))[:-12] + self.ids.new()[-12:]

    def video(self, minutes: float, state: str, **values: Any) -> str:
        made = {"id": self.id_at(minutes), "kind": "avatar_video", "store": "local", "state": state, "late": False}
        at = self.ago(minutes)
        self.add(t.videos, **made, created_at=at, updated_at=at, **values)
        return str(made["id"])

    def asset(self, video_id: str, dies_in: float, state: str = "pending", role: str = "video") -> None:
        made = {"id": self.ids.new(), "video_id": video_id, "role": role, "state": state, "store": "local"}
        self.add(t.assets, **made, link_expires_at=self.ago(-dies_in), created_at=START)

    def event(self, minutes: float, source: str = "webhook") -> None:
        made = {"id": self.id_at(minutes), "source": source, "endpoint": "e", "type": "t", "state": "ignored"}
        self.add(t.events, **made, body=b"{}", headers=b"[]", received_at=self.ago(minutes))

    def job(self, minutes: float, state: str = "available", kind: str = "delete_stored", **values: Any) -> str:
        at = self.ago(minutes)
        made: dict[str, Any] = {"id": self.id_at(minutes), "kind": kind, "payload": {}, "state": state, "run_at": at}
        made |= {"deadline": at, "attempts": 0, "fence": 0, "created_at": at}
        self.add(t.jobs, **made | values)
        return str(made["id"])

    def attempt(self, minutes: float, outcome: str, kind: str = "archive_asset") -> None:
        job_id = self.job(minutes, "done", kind)
        at = self.ago(minutes)
        self.add(t.job_attempts, job_id=job_id, number=1, started_at=at, ended_at=at, outcome=outcome)

    def run(self, minutes: float, found: int, kind: str = "videos") -> None:
        at = self.ago(minutes)
        self.add(t.reconciliations, kind=kind, started_at=at, ended_at=at, asked=found, found=found)

    def secret(self, fingerprint: str, used: float | None, retires_in: float | None) -> None:
        made = {"id": self.ids.new(), "source": "heygen", "fingerprint": fingerprint, "sealed": "x", "uses": 1}
        retired_at = None if retires_in is None else self.ago(-retires_in)
        used_at = None if used is None else self.ago(used)
        self.add(t.webhook_secrets, **made, created_at=START, retired_at=retired_at, last_used_at=used_at)

    def endpoint(self, name: str, state: str) -> None:
        made = {"id": name, "url": f"https://{name}.example/hook?token=x", "description": "", "state": state}
        self.add(t.subscription_endpoints, **made, reason="410", created_at=START, created_by="k")

    def error(self, name: str, minutes: float, *, unexpected: bool = True, resolved: bool = False) -> None:
        at = self.ago(minutes)
        made = {"id": name, "last_id": self.id_at(minutes), "code": name, "place": "x", "unexpected": unexpected}
        times = {"first_seen_at": at, "last_seen_at": at, "new_at": at, "resolved_at": at if resolved else None}
        told = {"message": "", "happened": 3, "came_back": 0, "version": "1", "samples": []}
        self.add(t.error_groups, **made, **times, **told)


@pytest.fixture
def rows(prepared: Database) -> Rows:
    return Rows(prepared)


def test_nothing_is_seen_in_an_empty_database(prepared: Database) -> None:
    assert taken(prepared, START) == Snapshot(at=START)


def test_what_is_wrong_is_seen_and_what_is_long_ago_is_not(rows: Rows) -> None:
    late = rows.video(50, "rendering", heygen_video_id="hg-1")
    rows.video(40, "requested")  # HeyGen does not know of it yet
    rows.video(20, "rendering", heygen_video_id="hg-2")
    for minutes, state in ((170, "ready"), (100, "unarchived"), (10, "failed"), (190, "failed"), (190, "ready")):
        rows.video(minutes, state)
    for dies_in, state, role in ((59, "pending", "video"), (-60, "pending", "gif"), (61, "pending", "captions")):
        rows.asset(late, dies_in, state, role)
    rows.asset(rows.video(999, "ready"), 10, "stored")
    rows.asset(rows.video(999, "archiving"), -60)
    for hour, reason, refused in ((0, "wrong_secret", 7), (1, "no_signature", 5), (2, "no_signature", 99)):
        rows.add(
            t.rejection_counts, hour=START - hour * 60 * MINUTE, endpoint="e", reason=reason, refused=refused, kept=0
        )
    rows.add(t.rejection_counts, hour=START, endpoint="e", reason="database_unavailable", refused=50, kept=0)
    rows.event(70)
    rows.event(35)
    rows.event(5, "reconcile")
    rows.event(26 * 60)
    rows.run(60, 4)
    rows.run(30, 9, "stores")
    rows.run(25 * 60, 50)
    rows.secret("f" * 64, used=30, retires_in=60)
    rows.secret("e" * 64, used=59, retires_in=-1)
    rows.secret("d" * 64, used=61, retires_in=-1)
    rows.secret("c" * 64, used=1, retires_in=None)
    rows.endpoint("away", "disabled")
    rows.endpoint("fine", "enabled")
    rows.add(t.store_limits, store="cloudinary", of="credits", percent=81.5, at=START)
    assert taken(rows.db, START) == Snapshot(
        at=START,
        succeeded=2,
        failed=1,
        refused=12,
        rendering=1,
        rendering_since=rows.ago(50),
        webhook_at=rows.ago(35),
        links_dying=2,
        link_dies_at=rows.ago(60),
        received=3,
        missed=4,
        used_secrets=(UsedSecret("e" * 12, refused=True), UsedSecret("f" * 12, refused=False)),
        disabled_endpoints=(DisabledEndpoint("away", "away.example", "410"),),
        store_limits=(StoreLimit("cloudinary", "credits", 81.5),),
    )


def test_work_that_waits_dies_and_fails_is_seen(rows: Rows) -> None:
    rows.job(9)
    rows.job(3, "retryable")
    rows.job(-1)
    rows.job(20, "dead")
    rows.job(20, "dead", discarded_reason="seen to")
    for minutes, outcome in ((40, "retryable"), (20, "done"), (15, "retryable"), (12, "dead"), (10, "postponed")):
        rows.attempt(minutes, outcome)
    rows.attempt(5, "dead", "delete_stored")
    seen = taken(rows.db, START)
    assert (seen.due, seen.due_since, seen.dead) == (2, rows.ago(9), 1)
    assert (seen.archived, seen.not_archived, seen.attempt_at, seen.running) == (1, 2, rows.ago(5), False)
    rows.job(2, "running", lease_until=rows.ago(1))
    assert not taken(rows.db, START).running, "its worker is dead"
    rows.job(2, "running", lease_until=rows.ago(-1))
    assert taken(rows.db, START).running


def test_what_failed_unforeseen_is_seen_while_it_is_open_and_for_a_day(rows: Rows) -> None:
    rows.error("a", 24 * 60 - 1)
    rows.error("b", 24 * 60 + 1)
    rows.error("c", 5, unexpected=False)
    rows.error("d", 5, resolved=True)
    assert taken(rows.db, START).open_errors == (OpenError("a", "a", "x", 3, rows.ago(24 * 60 - 1)),)


def test_a_reconciliation_that_does_not_come_to_an_end_is_seen(rows: Rows) -> None:
    rows.add(t.leases, name="reconcile_videos", owner="w", until=rows.ago(-1))
    rows.add(t.leases, name="flag_late", owner="w", until=rows.ago(99))
    assert taken(rows.db, START).reconcile_since is None
    rows.job(40, "retryable", "reconcile_videos", unique_key=ReconcileVideos().unique_key, run_at=rows.ago(-9))
    assert taken(rows.db, START).reconcile_since == rows.ago(40)
    rows.add(t.leases, name="reconcile_history", owner="w", until=rows.ago(70))
    assert taken(rows.db, START).reconcile_since == rows.ago(70)
    assert taken(rows.db, START, Around(asks=False)).reconcile_since is None


def test_of_processes_those_count_that_are_not_silent(rows: Rows) -> None:
    (now,) = rows.db.write_now(lambda tx: (database_now(tx.conn, START),))
    said = {"pid": 1, "roles": ["worker"], "version": "1", "started_at": now, "draining": False, "streams": 2}
    said |= {"streams_opened": 3, "loop_lag_s": 0.0, "clock_skew_s": 0.0}
    said |= {"lacks": [], "destinations": [], "telemetry": {}}
    for host, minutes in (("a", 0.5), ("b", 2)):
        rows.add(t.processes, id=rows.ids.new(), host=host, seen_at=now - minutes * MINUTE, **said)
    (seen,) = taken(rows.db, START).processes
    assert (seen.host, seen.works, seen.streams, seen.outage) == ("a", True, 2, None)


def test_the_number_of_queries_is_fixed(rows: Rows) -> None:
    with counted(rows.db) as in_an_empty_one:
        taken(rows.db, START)
    world = World(rows.db, rows.ids, START)
    world.round(40, START)
    for _ in range(40):
        rows.job(5)
        rows.video(9, "failed")
    with counted(rows.db) as in_a_full_one:
        taken(rows.db, START)
    assert in_a_full_one == in_an_empty_one
    assert len(in_a_full_one) == QUERIES + (0 if rows.db.is_sqlite else 1)  # Postgres is asked what time it is


def test_no_table_that_grows_is_read_through(rows: Rows) -> None:
    if not rows.db.is_sqlite:
        pytest.skip("SQLite's planner needs no rows to be asked")
    with explained(rows.db) as plans:
        taken(rows.db, START)
    assert len(plans) == QUERIES
    through = [line for plan in plans for line in plan if line.startswith("SCAN ") and " USING " not in line]
    assert not [line for line in through if line.split()[1] in GROWS], through


async def test_a_destination_that_is_down_tells_the_code_of_the_error(clock: StillClock, ids: Ids) -> None:
    class Refused(ReelhookError):
        code, blame = "heygen_unauthorized", Blame.DESTINATION

    destinations = Destinations(clock, ids)
    with pytest.raises(Postpone):
        async with destinations.reach("heygen"):
            raise Refused("no")
    (one,) = destinations.all()
    assert (one.state, one.code) == ("open", "heygen_unauthorized")
    destinations.forget("heygen")
    assert destinations.all() == []
