"""`GET /api/v1/jobs`."""

from collections.abc import AsyncIterator
from datetime import timedelta

import httpx2
import pytest
from starlette.types import Receive, Send
from starlette.types import Scope as AsgiScope

from reelhook.api import create_api
from reelhook.auth.principal import Principal, of_key, of_person
from reelhook.jobs import Failure
from reelhook.jobs.endpoints import router
from reelhook.jobs.kinds import RequestVideo
from tests.jobs.scene import LEASE, Scene

OPERATOR = of_key("k", "builder", "operator", None)


class Caller:
    def __init__(self, scene: Scene) -> None:
        self.app, self.principal = create_api(router(scene.db)), OPERATOR

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        scope["state"] = {"principal": self.principal}
        await self.app(scope, receive, send)


@pytest.fixture
def caller(scene: Scene) -> Caller:
    return Caller(scene)


@pytest.fixture
async def http(caller: Caller) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app=caller, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://us/api/v1") as client:
        yield client


async def test_jobs_are_listed_newest_first_with_the_story_of_their_attempts(
    http: httpx2.AsyncClient, scene: Scene
) -> None:
    await scene.add("a")
    (job,) = await scene.db.write(lambda tx: scene.queue.claim(tx, "w1", LEASE, 1))
    later = scene.clock.now() + timedelta(seconds=30)
    failure = Failure("busy", "too many", True, outside_code="rate_limit")
    await scene.db.write(lambda tx: scene.queue.retry(tx, job, failure, later))
    await scene.db.write(lambda tx: scene.queue.add(tx, RequestVideo(video_id="v1")))
    answer = (await http.get("/jobs")).json()
    newest, oldest = answer["data"]
    assert (newest["kind"], newest["video_id"], newest["state"], newest["attempts"]) == (
        "request_video",
        "v1",
        "available",
        [],
    )
    assert answer["next_cursor"] is None
    error = {"code": "busy", "message": "too many", "retryable": True, "remedy": "time"}
    error |= {"outside_code": "rate_limit"}
    now = "2026-11-22T12:00:00.000Z"
    attempt = {"number": 1, "started_at": now, "ended_at": now, "outcome": "retryable", "error": error}
    assert oldest == {
        "id": job.id,
        "kind": "delete_stored",
        "payload": {"store": "local", "location": "a"},
        "video_id": None,
        "state": "retryable",
        "run_at": "2026-11-22T12:00:30.000Z",
        "error": error,
        "created_at": now,
        "finished_at": None,
        "attempts": [attempt],
    }


async def test_jobs_are_narrowed_and_paged(http: httpx2.AsyncClient, scene: Scene) -> None:
    await scene.add("a", "b", "c")
    (job,) = await scene.db.write(lambda tx: scene.queue.claim(tx, "w1", LEASE, 1))
    await scene.db.write(lambda tx: scene.queue.finish(tx, job))
    await scene.db.write(lambda tx: scene.queue.add(tx, RequestVideo(video_id="v1")))

    async def found(**query: str) -> list[str]:
        data = (await http.get("/jobs", params=query)).json()["data"]
        return [row["payload"].get("location", "v1") for row in data]

    assert await found() == ["v1", "c", "b", "a"]
    assert await found(state="done") == ["a"]
    assert await found(state="available") == ["v1", "c", "b"]
    assert await found(kind="request_video") == await found(video_id="v1") == await found(video_id="v\x001") == ["v1"]
    assert await found(kind="none\x00") == []
    first = (await http.get("/jobs", params={"limit": "3"})).json()
    assert len(first["data"]) == 3
    assert await found(cursor=first["next_cursor"]) == ["a"]
    wrong = await http.get("/jobs", params={"state": "lost"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "wrong_input")
    done = (await http.get("/jobs", params={"state": "done"})).json()["data"][0]
    assert done["finished_at"] == "2026-11-22T12:00:00.000Z"


@pytest.mark.parametrize("principal", [of_person("ada", "ada@example.com", "viewer")])
async def test_viewers_see_no_jobs(http: httpx2.AsyncClient, caller: Caller, principal: Principal) -> None:
    caller.principal = principal
    assert (await http.get("/jobs")).status_code == 403
