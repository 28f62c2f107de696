"""`GET /api/v1/jobs`."""

from datetime import timedelta

import httpx2
import pytest

from reelhook.auth.principal import Principal, of_key, of_person
from reelhook.jobs import Failure
from reelhook.jobs.kinds import RequestVideo
from tests.jobs.api import Caller
from tests.jobs.scene import LEASE, Scene

NOW = "2026-11-22T12:00:00.000Z"
BUSY = Failure("busy", "too many", True, outside_code="rate_limit")


async def found(http: httpx2.AsyncClient, **query: str) -> list[str]:
    data = (await http.get("/jobs", params=query)).raise_for_status().json()["data"]
    return [row["payload"].get("location", "v1") for row in data]


async def test_jobs_are_listed_newest_first_with_the_story_of_their_attempts(
    http: httpx2.AsyncClient, scene: Scene
) -> None:
    await scene.add("a")
    (job,) = await scene.db.write(lambda tx: scene.queue.claim(tx, "w1", LEASE, 1))
    later = scene.clock.now() + timedelta(seconds=30)
    await scene.db.write(lambda tx: scene.queue.retry(tx, job, BUSY, later))
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
    attempt = {"number": 1, "started_at": NOW, "ended_at": NOW, "outcome": "retryable", "error": error}
    assert oldest == {
        "id": job.id,
        "kind": "delete_stored",
        "payload": {"store": "local", "location": "a"},
        "video_id": None,
        "state": "retryable",
        "run_at": "2026-11-22T12:00:30.000Z",
        "deadline": NOW,
        "error": error,
        "discarded_reason": None,
        "repeatable": True,
        "created_at": NOW,
        "finished_at": None,
        "attempts": [attempt],
    }
    assert (await http.get(f"/jobs/{job.id}")).json() == oldest
    assert newest["repeatable"] is False


async def test_a_job_that_is_not_there_is_not_found(http: httpx2.AsyncClient) -> None:
    for asked in (http.get("/jobs/none"), http.get("/jobs/no%00ne"), http.post("/jobs/none/retry")):
        answer = await asked
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_jobs_are_narrowed_and_paged(http: httpx2.AsyncClient, scene: Scene) -> None:
    await scene.add("a", "b", "c")
    (job,) = await scene.db.write(lambda tx: scene.queue.claim(tx, "w1", LEASE, 1))
    await scene.db.write(lambda tx: scene.queue.finish(tx, job))
    await scene.db.write(lambda tx: scene.queue.add(tx, RequestVideo(video_id="v1")))

    assert await found(http) == ["v1", "c", "b", "a"]
    assert await found(http, state="done") == ["a"]
    assert await found(http, state="available") == ["v1", "c", "b"]
    assert (
        await found(http, kind="request_video")
        == await found(http, video_id="v1")
        == await found(http, video_id="v\x001")
        == ["v1"]
    )
    assert await found(http, kind="none\x00") == []
    first = (await http.get("/jobs", params={"limit": "3"})).json()
    assert len(first["data"]) == 3
    assert await found(http, cursor=first["next_cursor"]) == ["a"]
    wrong = await http.get("/jobs", params={"state": "lost"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "wrong_input")
    done = (await http.get("/jobs", params={"state": "done"})).json()["data"][0]
    assert done["finished_at"] == "2026-11-22T12:00:00.000Z"


async def test_dead_letters_are_narrowed_by_what_killed_them_and_by_whether_they_were_put_aside(
    http: httpx2.AsyncClient, scene: Scene
) -> None:
    await scene.bury("a", Failure("busy", "x", True))
    await scene.bury("b", Failure("busy_too", "x", True))
    aside = await scene.bury("c", Failure("busy", "x", True))
    await scene.add("waits")
    (retried,) = await scene.db.write(lambda tx: scene.queue.claim(tx, "w1", LEASE, 1))
    await scene.db.write(lambda tx: scene.queue.retry(tx, retried, BUSY, scene.clock.now()))
    await http.post(f"/jobs/{aside}/discard", json={"reason": "made by hand"})

    assert await found(http, code="busy") == ["waits", "c", "a"]
    assert await found(http, code="busy_too") == ["b"]
    assert await found(http, code="BUSY") == await found(http, code='busy","') == await found(http, code="bus%") == []
    assert await found(http, discarded="true") == ["c"]
    assert await found(http, discarded="false") == ["b", "a"]
    assert await found(http, discarded="false", state="running") == []
    assert await found(http, state="dead", discarded="false", code="busy", kind="delete_stored") == ["a"]
    assert (await http.get(f"/jobs/{aside}")).json()["discarded_reason"] == "made by hand"


async def test_jobs_are_counted_by_state_but_for_those_that_are_done(http: httpx2.AsyncClient, scene: Scene) -> None:
    async def counted() -> dict[str, int]:
        return (await http.get("/jobs/counts")).raise_for_status().json()["data"]  # type: ignore[no-any-return]

    assert await counted() == {"available": 0, "running": 0, "retryable": 0, "dead": 0, "discarded": 0}
    buried = [await scene.bury(name) for name in "abc"]
    await http.post(f"/jobs/{buried[0]}/discard", json={"reason": "x"})
    await scene.add(*(f"j{number}" for number in range(7)))
    done, again, *_ = await scene.db.write(lambda tx: scene.queue.claim(tx, "w1", LEASE, 4))
    await scene.db.write(lambda tx: scene.queue.finish(tx, done))
    await scene.db.write(lambda tx: scene.queue.retry(tx, again, BUSY, scene.clock.now()))
    assert await counted() == {"available": 3, "running": 2, "retryable": 1, "dead": 2, "discarded": 1}


@pytest.mark.parametrize("principal", [of_person("ada", "ada@example.com", "viewer")])
async def test_viewers_see_no_jobs(http: httpx2.AsyncClient, caller: Caller, principal: Principal) -> None:
    caller.principal = principal
    for path in ("/jobs", "/jobs/counts", "/jobs/x"):
        assert (await http.get(path)).status_code == 403


async def test_who_may_only_read_changes_nothing(http: httpx2.AsyncClient, caller: Caller, scene: Scene) -> None:
    job_id = await scene.bury("a")
    caller.principal = of_key("k", "reader", "operator", frozenset({"jobs:read"}))
    for path in (f"/jobs/{job_id}/retry", f"/jobs/{job_id}/discard", "/jobs/retry"):
        assert (await http.post(path, json={"reason": "x"})).status_code == 403
    assert await found(http, discarded="false") == ["a"]
