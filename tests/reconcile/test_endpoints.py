"""`/api/v1/reconcile`, and the room as the service gets it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.types import Receive, Send
from starlette.types import Scope as AsgiScope

from reelhook.api import create_api
from reelhook.auth import Audit, Principal
from reelhook.auth.principal import of_key
from reelhook.db.tables import audit, jobs
from reelhook.reconcile import Reconciliation
from reelhook.settings import Settings
from tests.reconcile.scene import HOUR, SUCCESS, Scene

OPERATOR = of_key("k", "builder", "operator", None)
VIEWER = of_key("k", "viewer", "viewer", None)


def room(scene: Scene, *, asks: bool = True, tmp_path: Path) -> Reconciliation:
    config = Settings(stores=f"local:{tmp_path}", public_url="https://us.example")  # type: ignore[arg-type]
    heygen = scene.heygen if asks else None
    return Reconciliation.build(config, scene.core, scene.inbox, heygen, scene.destinations, {}, lambda: True)


class Caller:
    """The API, and who calls it."""

    def __init__(self, scene: Scene, made: Reconciliation) -> None:
        self.principal: Principal = OPERATOR
        self.app = create_api(made.router(Audit(scene.db, scene.clock)))

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        scope["state"] = {"principal": self.principal}
        await self.app(scope, receive, send)


@pytest.fixture
def caller(scene: Scene, tmp_path: Path) -> Caller:
    return Caller(scene, room(scene, tmp_path=tmp_path))


@pytest.fixture
async def http(caller: Caller) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app=caller, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://us/api/v1") as client:
        yield client


async def test_a_run_on_request_answers_with_what_it_found(http: httpx2.AsyncClient, scene: Scene) -> None:
    await scene.video()
    scene.heygen.stands_as("hg-1", "completed")
    answer = await http.post("/reconcile", json={"kinds": ["videos", "videos"]})
    assert answer.status_code == 200
    (run,) = answer.json()["runs"]
    assert (run["kind"], run["asked"], run["found"], run["error"]) == ("videos", 1, 1, None)
    assert run["report"]["events"][0]["type"] == SUCCESS
    state = (await http.get("/reconcile")).json()
    assert state == {"missed": {"days": 7, "received": 0, "missed": 1, "rate": 1.0}, "runs": [run]}
    (entry,) = await scene.rows(audit)
    assert (entry.action, entry.actor, entry.data["kinds"]) == ("reconcile.run", "key:k", ["videos"])


async def test_every_kind_is_run_when_none_is_named(http: httpx2.AsyncClient) -> None:
    runs = (await http.post("/reconcile", json={})).json()["runs"]
    assert [run["kind"] for run in runs] == ["videos", "history", "stores"]


@pytest.mark.parametrize("wanted", [{"kinds": []}, {"kinds": ["moons"]}, {"mend": "yes"}, {"more": 1}])
async def test_what_is_no_run_is_refused(http: httpx2.AsyncClient, wanted: dict[str, Any]) -> None:
    assert (await http.post("/reconcile", json=wanted)).status_code == 422


async def test_a_viewer_may_neither_look_nor_run(http: httpx2.AsyncClient, caller: Caller) -> None:
    caller.principal = VIEWER
    assert (await http.get("/reconcile")).status_code == 403
    assert (await http.post("/reconcile", json={})).status_code == 403


async def test_without_a_key_only_the_stores_can_be_looked_at(scene: Scene, tmp_path: Path) -> None:
    made = room(scene, asks=False, tmp_path=tmp_path)
    assert {work.kind for work in made.handlers()} == {"reconcile_stores", "end_videos"}
    assert [every.work.kind for every in made.schedule()] == ["reconcile_stores", "end_videos"]
    await scene.db.write(made.at_start)
    assert [row.kind for row in await scene.rows(jobs)] == ["end_videos"]
    transport = httpx2.ASGITransport(app=Caller(scene, made), raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://us/api/v1") as client:
        refused = await client.post("/reconcile", json={"kinds": ["history"]})
    assert (refused.status_code, refused.json()["code"]) == (409, "no_api_key")


async def test_with_a_key_heygen_is_asked_soon_after_the_start_and_then_by_schedule(
    scene: Scene, tmp_path: Path
) -> None:
    made = room(scene, tmp_path=tmp_path)
    for _ in range(2):
        await scene.db.write(made.at_start)
    assert sorted(row.kind for row in await scene.rows(jobs)) == ["end_videos", "reconcile_history", "reconcile_videos"]
    assert {every.work.kind: every.seconds for every in made.schedule()} == {
        "reconcile_videos": 60, "reconcile_history": 3600, "reconcile_stores": 86400, "end_videos": 300,
    }  # fmt: skip
    video_id = await scene.video()
    scene.heygen.stands_as("hg-1", "completed")
    scene.clock.move(HOUR)
    for every in made.schedule():
        await made.handlers()[type(every.work)].run(every.work)
    await scene.applied()
    assert await scene.state(video_id) == "rendered"
