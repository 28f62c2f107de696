"""Dead letters from outside: once an operator has mended the cause, what is retried ends as it should."""

import json
import sqlite3
from pathlib import Path
from typing import Any

import httpx2 as httpx

from tests.processes import Service, Simulators, wait_until

MISSING = "the store local is not among REELHOOK_STORES"


def rendered(outside: Simulators) -> dict[str, Any]:
    """A video that HeyGen has finished, as its API shows it."""
    own = {"X-Api-Key": outside.heygen_api_key}
    body = {"type": "avatar", "avatar_id": "anna", "script": "Hello"}
    with httpx.Client(base_url=outside.heygen, headers=own, timeout=15) as heygen:
        video_id = heygen.post("/v3/videos", json=body).raise_for_status().json()["data"]["video_id"]

        def finished() -> Any:
            video = heygen.get(f"/v3/videos/{video_id}").json()["data"]
            return video if video["status"] == "completed" else None

        return wait_until(finished, what="HeyGen renders")  # type: ignore[no-any-return]


def told(service: Service, *words: str) -> Any:
    """What a `reelhook jobs` command says in JSON."""
    done = service.command("jobs", *words, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def becomes(client: httpx.Client, video_id: str, state: str) -> None:
    wait_until(lambda: client.get(f"/api/v1/videos/{video_id}").json()["state"] == state, what=f"it becomes {state}")


def idle(client: httpx.Client) -> bool:
    counts = client.get("/api/v1/jobs/counts").json()["data"]
    return bool(counts["available"] + counts["running"] + counts["retryable"] == 0)


def all_dead(client: httpx.Client) -> list[dict[str, Any]]:
    """The dead letters, once nothing else is left to do."""
    return client.get("/api/v1/jobs", params={"state": "dead"}).json()["data"] if idle(client) else []


def kill_all_waiting(service: Service) -> None:
    """Every waiting job of a stopped service died of the fault of an earlier version."""
    error = json.dumps({"code": "unexpected", "message": "KeyError: 'x'", "retryable": True}, separators=(",", ":"))
    with sqlite3.connect(service.folder / "reelhook.db") as database:
        database.execute(
            "UPDATE jobs SET state = 'dead', attempts = 12, finished_at = run_at, error = ? WHERE state = 'available'",
            (error,),
        )
    database.close()


def test_a_video_whose_archiving_died_is_ready_once_its_cause_is_mended_and_its_job_retried(
    service: Service, outside: Simulators
) -> None:
    outside.control("POST", "/reset")
    video = rendered(outside)
    service.start()  # its fetch_allow is empty, so it may not go where the link leads
    event = {"event_type": "avatar_video.success", "event_data": {"video_id": video["id"], "url": video["video_url"]}}
    assert service.post(event).status_code == 200
    with service.client() as client:
        (shown,) = wait_until(lambda: client.get("/api/v1/videos", params={"state": "unarchived"}).json()["data"])
        assert client.get("/api/v1/jobs/counts").json()["data"]["dead"] == 1
        (letter,) = client.get("/api/v1/jobs", params={"code": "address_refused"}).json()["data"]
        assert (letter["kind"], letter["repeatable"], len(letter["attempts"])) == ("archive_asset", True, 1)

        story = service.command("jobs", "show", letter["id"]).stdout
        assert f"video    {shown['id']}" in story
        assert "dead\n      address_refused: " in story
        assert "not a public address" in story
        service.stop()

        service.settings |= {"fetch_allow": outside.settings()["fetch_allow"]}
        service.start()
        assert told(service, "list", "--state", "dead", "--code", "address_refused")[0] == letter
        assert told(service, "retry", letter["id"])["state"] == "available"
        becomes(client, shown["id"], "ready")
        assert client.get("/api/v1/jobs/counts").json()["data"]["dead"] == 0
        attempts = told(service, "show", letter["id"])["attempts"]
        assert [(attempt["number"], attempt["outcome"]) for attempt in attempts] == [(1, "dead"), (2, "done")]
        timeline = client.get(f"/api/v1/videos/{shown['id']}/timeline").json()["data"]
        assert [entry["state"] for entry in timeline if entry["state"]][-3:] == ["unarchived", "archiving", "ready"]
        entry = next(one for one in client.get("/api/v1/audit").json()["data"] if one["action"] == "job.retry")
    assert (entry["actor"], entry["target"]) == ("local:local", letter["id"])


def test_what_died_of_an_earlier_versions_fault_is_done_by_retrying_everything(
    service: Service, outside: Simulators
) -> None:
    outside.control("POST", "/reset")
    video = rendered(outside)
    service.settings |= outside.settings()
    service.start(arguments=("--no-worker",))
    with service.client() as client:
        asked = client.post("/api/v1/videos", json={"heygen_video_id": video["id"]}).json()
        service.post({"event_type": "avatar_video.fail", "event_data": {"video_id": "other", "msg": "No voice"}})
        service.stop()
        kill_all_waiting(service)

        service.start()
        assert {job["kind"] for job in told(service, "list", "--not-discarded")} == {"confirm_video", "apply_events"}
        assert client.get("/api/v1/videos", params={"state": "failed"}).json()["data"] == []
        assert told(service, "retry", "--all") == {"retried": 2, "skipped": 0}
        becomes(client, asked["id"], "ready")
        (failed,) = wait_until(lambda: client.get("/api/v1/videos", params={"state": "failed"}).json()["data"])
        assert failed["failure"]["message"] == "No voice"


def test_a_file_whose_store_was_away_when_its_video_was_deleted_goes_when_that_is_retried(
    service: Service, outside: Simulators
) -> None:
    outside.control("POST", "/reset")
    service.settings |= outside.settings()
    service.start()
    kept = Path(service.folder / "media")
    with service.client() as client:
        asked = client.post("/api/v1/videos", json={"heygen_video_id": rendered(outside)["id"]}).json()
        becomes(client, asked["id"], "ready")
        wait_until(lambda: idle(client), what="all files are stored")
        service.stop()

        service.settings |= {"stores": "cloudinary"}
        service.start()
        assert client.delete(f"/api/v1/videos/{asked['id']}", params={"confirm": asked["id"]}).status_code == 204
        letters = wait_until(lambda: all_dead(client), what="every deletion is dead")
        assert {letter["error"]["message"].partition(";")[0] for letter in letters} == {MISSING}
        service.stop()
        assert len(list(kept.glob("*/*"))) == len(letters)

        del service.settings["stores"]
        service.start()
        assert told(service, "retry", "--all", "--kind", "delete_stored") == {"retried": len(letters), "skipped": 0}
        wait_until(lambda: not list(kept.glob("*/*")), what="the files are deleted")
