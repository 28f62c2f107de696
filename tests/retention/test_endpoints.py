"""What is kept how long, how much of it there is, and when it was swept, as the API tells it."""

from functools import partial
from typing import Any

import httpx2
from sqlalchemy import insert
from starlette.types import Receive, Send
from starlette.types import Scope as AsgiScope

from reelhook.api import create_api
from reelhook.auth import local_admin
from reelhook.db import Database
from reelhook.db.tables import jobs
from reelhook.jobs.kinds import Prune
from reelhook.kit.ids import Ids
from reelhook.kit.times import rfc3339
from reelhook.retention import PruneHandler, endpoints, sweeps
from reelhook.settings import Settings
from tests.conftest import StillClock

from .world import World, much_later


async def told(db: Database, config: Settings) -> dict[str, Any]:
    api = create_api(endpoints.router(config, db))

    async def app(scope: AsgiScope, receive: Receive, send: Send) -> None:
        await api({**scope, "state": {"principal": local_admin()}}, receive, send)

    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://x") as client:
        answer: dict[str, Any] = (await client.get("/api/v1/keeping")).raise_for_status().json()
    return answer


def of(answer: dict[str, Any], table: str) -> dict[str, Any]:
    return next(one for one in answer["data"] if one["table"] == table)


async def test_the_settings_and_what_there_is_are_told(
    db: Database, clock: StillClock, ids: Ids, monkeypatch: Any
) -> None:
    World(db, ids, clock.now()).round(5, clock.now())
    answer = await told(db, Settings(event_days=3))
    assert answer["swept_at"] is None
    events = of(answer, "events")
    assert (events["rows"], events["more"]) == (5, False)
    assert [(one["name"], one["value"]) for one in events["settings"]] == [
        ("REELHOOK_EVENT_DAYS", 3),
        ("REELHOOK_MOST_EVENTS", 1_000_000),
    ]
    monkeypatch.setattr(endpoints, "COUNTED_TO", 4)
    events = of(await told(db, Settings()), "events")
    assert (events["rows"], events["more"]) == (4, True)


async def test_a_sweep_is_told_with_what_it_removed(db: Database, clock: StillClock, ids: Ids) -> None:
    World(db, ids, clock.now()).round(5, clock.now())
    before = of(await told(db, Settings()), "audit")["removed"]
    clock.move((much_later(clock.now()) - clock.now()).total_seconds())
    await PruneHandler(db, clock, partial(sweeps, Settings()))(Prune())
    done = {"id": ids.new(), "kind": Prune.kind, "payload": {}, "state": "done", "run_at": clock.now(), "attempts": 1}
    done |= {"fence": 1, "created_at": clock.now(), "finished_at": clock.now()}
    await db.write(lambda tx: tx.execute(insert(jobs), [done]))
    answer = await told(db, Settings())
    assert of(answer, "audit")["removed"] == before + 5
    assert (of(answer, "events")["rows"], answer["swept_at"]) == (0, rfc3339(clock.now()))
