"""Drift is counted where events are applied: once for each, by type, bounded, and never in the way."""

import asyncio
from typing import Any

import httpx2
import orjson
import pytest
from prometheus_client import REGISTRY
from sqlalchemy import select, update

from reelhook.auth.principal import local_admin
from reelhook.db import Database
from reelhook.db.tables import events, schema_drift
from reelhook.events.drift import MOST_NAME
from reelhook.inbox import TEST_TYPE, drift
from reelhook.inbox.handler import ApplyHandler
from tests.conftest import START

from .conftest import Rows
from .test_applying import handler, lifecycle, signals, stored, told
from .test_endpoints import client_of

__all__ = ["handler", "lifecycle", "signals", "stored"]


def metric(kind: str) -> float:
    return REGISTRY.get_sample_value("reelhook_schema_drift_total", {"kind": kind}) or 0.0


async def shown(db: Database) -> Any:
    async with client_of(db, local_admin()) as client:
        answer: httpx2.Response = await client.get("/api/v1/schema-drift")
    assert answer.status_code == 200
    return answer.json()["data"]


async def test_a_new_field_is_counted_with_its_last_event_and_the_event_is_applied(
    handler: ApplyHandler, stored: Any, rows: Rows, db: Database
) -> None:
    before = metric("new_field")
    work = await stored(told(size=1), told(video="hv2", size=2), told(video="hv3"))
    await handler(work)
    await handler(work)
    kept = {event.id: event for event in await rows.of(events)}
    assert {event.state for event in kept.values()} == {"applied"}
    (one,) = await shown(db)
    last = work.event_ids[1]
    assert one == {
        "kind": "new_field",
        "type": "avatar_video.success",
        "field": "event_data.size",
        "events": 2,
        "first_seen_at": "2026-11-22T12:00:00.000Z",
        "last_seen_at": "2026-11-22T12:00:00.000Z",
        "last_event_id": last,
        "last_video_id": kept[last].video_id,
    }
    assert metric("new_field") - before == 2


async def test_a_new_type_and_a_missing_field_are_counted_apart(
    handler: ApplyHandler, stored: Any, db: Database
) -> None:
    bodies = [orjson.dumps({"event_type": "lipsync.success", "event_data": {"id": n}}) for n in range(3)]
    await handler(await stored(*bodies, told(url=None), b"[]"))
    found = {(one["kind"], one["type"], one["field"]): one["events"] for one in await shown(db)}
    assert found == {
        ("new_type", "lipsync.success", None): 3,
        ("missing_field", "avatar_video.success", "event_data.url"): 1,
        ("missing_field", "unparseable", "event_type"): 1,
    }


async def test_only_what_heygen_signed_counts(handler: ApplyHandler, stored: Any, db: Database) -> None:
    await handler(await stored(told(size=1), source="reconcile"))
    await handler(await stored(told(size=2), source="callback", video_id="v1"))
    await handler(await stored(orjson.dumps({"event_type": TEST_TYPE}), type=TEST_TYPE))
    assert await shown(db) == []


async def test_the_table_is_bounded_and_what_is_known_still_counts(
    handler: ApplyHandler, stored: Any, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drift, "MOST", 2)
    before = metric("new_type")
    names = ["one." + "x" * 300, "two", "three", "two"]
    await handler(await stored(*(orjson.dumps({"event_type": name, "n": n}) for n, name in enumerate(names))))
    found = {one["type"]: one["events"] for one in await shown(db)}
    assert found == {"one." + "x" * (MOST_NAME - 5) + "…": 1, "two": 2}
    assert metric("new_type") - before == 4


async def test_what_two_processes_find_at_once_is_added_up(handler: ApplyHandler, stored: Any, db: Database) -> None:
    works = [await stored(told(video=f"hv{n}", size=n, depth=n)) for n in range(12)]
    await asyncio.gather(*(handler(work) for work in works))
    assert {(one["field"], one["events"]) for one in await shown(db)} == {
        ("event_data.depth", 12),
        ("event_data.size", 12),
    }


async def test_an_event_that_is_gone_leaves_its_difference_without_a_link(
    handler: ApplyHandler, stored: Any, db: Database
) -> None:
    await handler(await stored(told(size=1)))
    gone = update(schema_drift).values(last_event_id="gone")
    await db.write(lambda tx: tx.execute(gone))
    (one,) = await shown(db)
    assert one["last_video_id"] is None
    assert (await db.read(lambda conn: conn.execute(select(schema_drift)).one())).first_seen_at == START
