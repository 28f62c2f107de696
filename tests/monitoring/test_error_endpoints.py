"""Errors over the API: read, resolved and opened again; and what a service makes of its own."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.types import Receive, Send
from starlette.types import Scope as AsgiScope

from reelhook.analytics import CountHandler
from reelhook.api import create_api
from reelhook.app import Service
from reelhook.auth.principal import of_key
from reelhook.db.tables import api_keys, audit, error_groups
from reelhook.errors import Unavailable
from reelhook.jobs import Failure
from reelhook.jobs.kinds import CountHours, FlagLate
from reelhook.jobs.queue import Job
from reelhook.kit.times import rfc3339
from reelhook.monitoring import Errors
from reelhook.settings import Settings
from reelhook.videos.handler import LateHandler
from tests.conftest import START, eventually
from tests.monitoring.scene import OPERATOR, Scene

MISSING = "/errors/0192c000-0000-7000-8000-000000000404"


class World:
    """The API, who calls it, and what goes wrong."""

    def __init__(self, scene: Scene) -> None:
        self.scene, self.principal = scene, OPERATOR
        self.errors = Errors.build(scene.db, scene.clock, scene.ids, scene.audit)
        self.app = create_api(self.errors.router(), *scene.alerts.routers())

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        scope["state"] = {"principal": self.principal}
        await self.app(scope, receive, send)

    async def fails(self, *errors: Exception) -> None:
        """Each a second after the one before."""
        for error in errors:
            self.scene.clock.move(1)
            self.errors.book.crashed(error, {"event_id": "e-1"})
        await self.errors.book.flush()


@pytest.fixture
def world(scene: Scene) -> World:
    return World(scene)


@pytest.fixture
async def http(world: World) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app=world, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://us/api/v1") as client:
        yield client


async def got(http: httpx2.AsyncClient, path: str, status: int = 200) -> Any:
    answer = await http.get(path)
    assert answer.status_code == status, answer.text
    return answer.json()


async def codes(http: httpx2.AsyncClient, query: str = "") -> list[str]:
    return [one["code"] for one in (await got(http, f"/errors?{query}"))["data"]]


async def test_what_happened_last_comes_first_page_by_page(world: World, http: httpx2.AsyncClient) -> None:
    await world.fails(KeyError("a"))
    await world.fails(ValueError("b"))
    await world.fails(TypeError("c"))
    await world.fails(KeyError("a"))
    first = await got(http, "/errors?limit=2")
    assert [(one["code"], one["count"]) for one in first["data"]] == [("KeyError", 2), ("TypeError", 1)]
    assert await codes(http, f"limit=2&cursor={first['next_cursor']}") == ["ValueError"]


async def test_they_are_found_by_state_code_place_and_kind(world: World, http: httpx2.AsyncClient) -> None:
    await world.fails(KeyError("a"), ValueError("b"))
    job = Job("j", "archive_asset", {}, 1, 1, 1, START, START, START)
    world.errors.book.attempt_failed(job, Failure("link_expired", "410", True))
    await world.errors.book.flush()
    assert await codes(http, "unexpected=false") == ["link_expired"]
    assert await codes(http, "unexpected=true") == ["ValueError", "KeyError"]
    assert await codes(http, "place=archive_asset") == ["link_expired"]
    assert await codes(http, "code=KeyError&state=open") == ["KeyError"]
    assert await codes(http, "state=resolved") == []
    assert (await http.get("/errors?state=?")).status_code == 422


async def test_one_is_resolved_by_somebody_and_opened_again(
    world: World, http: httpx2.AsyncClient, scene: Scene
) -> None:
    made = {"id": "k", "name": "builder", "prefix": "k", "key_hash": "h", "role": "operator"}
    await scene.add(api_keys, **made, created_at=START)
    await world.fails(KeyError("a"))
    (listed,) = (await got(http, "/errors"))["data"]
    shown = await got(http, f"/errors/{listed['id']}")
    assert shown == listed | {"traceback": "KeyError: 'a'\n", "samples": shown["samples"]}
    assert [(one["event_id"], one["message"]) for one in shown["samples"]] == [("e-1", "'a'")]
    path = f"/errors/{listed['id']}"
    resolved = (await http.post(f"{path}/resolve")).json()
    by = {"actor": OPERATOR.actor, "name": "builder"}
    assert resolved == shown | {"state": "resolved", "resolved": {"at": rfc3339(scene.clock.now()), "by": by}}
    assert (await http.post(f"{path}/resolve")).json()["detail"] == "it is resolved already"
    assert (await http.post(f"{path}/reopen")).json() == shown
    again = await http.post(f"{path}/reopen")
    assert (again.status_code, again.json()["detail"]) == (409, "it is open already")
    assert [(row.action, row.target) for row in await scene.rows(audit)] == [
        ("error.resolve", listed["id"]),
        ("error.reopen", listed["id"]),
    ]


async def test_who_may_not_write_may_not_resolve_and_what_is_not_there_is_not_found(
    world: World, http: httpx2.AsyncClient
) -> None:
    for answer in (await http.get(MISSING), await http.post(f"{MISSING}/resolve")):
        assert answer.status_code == 404
    world.principal = of_key("v", "viewer", "viewer", None)
    assert (await http.get("/errors")).status_code == 403
    assert (await http.post(f"{MISSING}/resolve")).status_code == 403


async def test_a_new_error_is_an_incident_until_it_is_resolved_and_again_when_it_is_back(
    world: World, http: httpx2.AsyncClient, scene: Scene
) -> None:
    async def incidents() -> list[str]:
        await http.post("/rules/evaluate")
        found = (await got(http, "/incidents?state=open&rule=new_errors"))["data"]
        return [f"{one['says']}: {one['link']['path']}" for one in found]

    await world.fails(KeyError("a"))
    (error,) = await scene.rows(error_groups)
    assert await incidents() == [f"KeyError in unknown, once: /health/errors/{error.id}"]
    scene.clock.move(2 * 3600)
    await world.fails(KeyError("a"))
    assert await incidents() == [f"KeyError in unknown, 2 times: /health/errors/{error.id}"]
    await http.post(f"/errors/{error.id}/resolve")
    assert await incidents() == []
    await world.fails(KeyError("a"))
    assert len(await incidents()) == 1
    scene.clock.move(25 * 3600)
    assert await incidents() == [], "quiet for a day"


@pytest.mark.usefixtures("configured_logs")
async def test_a_service_writes_down_what_goes_wrong_in_it(
    prepared_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def breaks(self: LateHandler, work: FlagLate) -> None:
        raise KeyError("nobody thought of that")

    async def fails(self: CountHandler, work: CountHours) -> None:
        raise Unavailable("it is away")

    monkeypatch.setattr(LateHandler, "__call__", breaks)
    monkeypatch.setattr(CountHandler, "__call__", fails)
    shutil.copy(prepared_file, tmp_path / "r.db")
    service = Service(Settings(database_url=f"sqlite:///{tmp_path / 'r.db'}", stores=f"local:{tmp_path}", drain_s=0))
    service.start()
    db = service.parts.db

    async def rows() -> list[Any]:
        return await db.read(lambda conn: list(conn.execute(error_groups.select())))

    async def written() -> bool:
        return service.opened.is_set() and len(await rows()) == 2

    try:
        await eventually(written, within_s=20)
        found = {(row.code, row.place, row.unexpected): row for row in await rows()}
        assert set(found) == {
            ("KeyError", "reelhook.jobs.runner:Runner._run", True),
            ("unavailable", "count_hours", False),
        }
        assert all(row.samples[0]["job_id"] is not None for row in found.values())
    finally:
        await service.stop()
