"""The main job from outside: a signed webhook becomes a verified, archived video; a hint alone moves nothing."""

import hashlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx2 as httpx
import pytest

from tests.processes import Service, Simulators, wait_until

NOBODY = "127.0.0.1:9"  # may be reached, if anybody listened there
REQUEST = {"heygen": {"type": "avatar", "avatar_id": "anna", "script": "Hello"}, "title": "Hello"}


def video(client: httpx.Client, video_id: str) -> dict[str, Any]:
    return client.get(f"/api/v1/videos/{video_id}").raise_for_status().json()  # type: ignore[no-any-return]


def ends_as(client: httpx.Client, video_id: str, state: str) -> dict[str, Any]:
    """The video, once it is in *state*."""
    wait_until(lambda: video(client, video_id)["state"] == state, what=f"{video(client, video_id)} becomes {state}")
    return video(client, video_id)


@pytest.fixture
def with_heygen(service: Service, outside: Simulators) -> Service:
    """A service that knows HeyGen's secret and key."""
    outside.control("POST", "/reset")
    service.settings |= outside.settings()
    service.settings["fetch_allow"] = f"{service.settings['fetch_allow']},{NOBODY}"
    service.port = 0
    return service.introduce(outside)


def test_a_requested_video_becomes_ready_and_its_bytes_are_heygens(with_heygen: Service, outside: Simulators) -> None:
    with with_heygen.client() as client:
        asked = client.post("/api/v1/videos", json=REQUEST)
        assert asked.status_code == 202
        ready = ends_as(client, asked.json()["id"], "ready")
        stored = client.get(ready["asset"]["url"])
        truth = outside.control("GET", "/videos")["videos"][0]["media"]["video"]
        assert hashlib.sha256(stored.content).hexdigest() == ready["asset"]["sha256"] == truth["sha256"]
        assert stored.headers["content-type"] == "video/mp4"
        part = client.get(ready["asset"]["url"], headers={"range": "bytes=0-99"})
        assert (part.status_code, part.content) == (206, stored.content[:100])
        assert "heygen" not in json.dumps(ready["asset"])
        assert httpx.get(with_heygen.base + ready["asset"]["url"], timeout=15).status_code == 401


def test_the_same_idempotency_key_asks_heygen_once(with_heygen: Service, outside: Simulators) -> None:
    with with_heygen.client() as client:
        answers = [client.post("/api/v1/videos", json=REQUEST, headers={"Idempotency-Key": "k1"}) for _ in range(3)]
        assert len({answer.json()["id"] for answer in answers}) == 1
        other = client.post("/api/v1/videos", json=REQUEST | {"title": "Other"}, headers={"Idempotency-Key": "k1"})
        assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")
        ends_as(client, answers[0].json()["id"], "ready")
    assert len(outside.control("GET", "/videos")["videos"]) == 1


def test_an_unsigned_callback_is_confirmed_with_heygen_before_anything_moves(
    service: Service, outside: Simulators
) -> None:
    """No endpoint is registered, so HeyGen is given a callback address; its unsigned post is only a hint (P8)."""
    outside.control("POST", "/reset")
    service.port = 0
    service.start()
    service.stop()
    service.settings |= outside.settings() | {"public_url": service.base, "heygen_webhook_secrets": ""}
    service.start()
    with service.client() as client:
        asked = client.post("/api/v1/videos", json=REQUEST).json()
        ends_as(client, asked["id"], "ready")
        (event,) = [one for one in client.get("/api/v1/events").json()["data"] if one["type"].endswith("success")]
        assert event["source"] == "callback"
        assert event["verdict"].startswith("confirmed by HeyGen")

        lie = client.post("/api/v1/videos", json=REQUEST).json()
        wait_until(lambda: video(client, lie["id"])["state"] == "rendering")
        sent = outside.control("GET", "/deliveries")["deliveries"][0]["url"]
        claims_failure = {
            "event_type": "avatar_video.fail",
            "event_data": {"video_id": event["resource_id"], "msg": "x"},
        }
        assert httpx.post(sent, json=claims_failure, timeout=15).status_code == 200
        assert video(client, asked["id"])["state"] == "ready"


def test_a_hint_stays_pending_without_an_api_key(service: Service) -> None:
    service.settings |= {"public_url": "http://127.0.0.1:1"}
    service.start()
    with service.client() as client:
        tracked = client.post("/api/v1/videos", json={"heygen_video_id": "abc"}).json()
        token = callback_token(service, tracked["id"])
        claims = {
            "event_type": "avatar_video.success",
            "event_data": {"video_id": "abc", "url": "https://x.invalid/v.mp4"},
        }
        answer = httpx.post(f"{service.base}/webhooks/heygen/callback/{token}", json=claims, timeout=15)
        assert answer.status_code == 200
        found = wait_until(lambda: client.get("/api/v1/events").json()["data"])[0]
        wait_until(lambda: client.get(f"/api/v1/events/{found['id']}").json()["verdict"])
        event = client.get(f"/api/v1/events/{found['id']}").json()
        assert (event["state"], video(client, tracked["id"])["state"]) == ("pending", "rendering")
    assert (
        httpx.post(f"{service.base}/webhooks/heygen/callback/{token[:-2]}xx", json=claims, timeout=15).status_code
        == 401
    )


def callback_token(service: Service, video_id: str) -> str:
    """The token that the service itself would put into a callback address."""
    from reelhook.auth.callback_tokens import CallbackTokens
    from reelhook.kit.sealing import Sealer

    key = (service.folder / "reelhook.db.key").read_text().strip()
    return CallbackTokens(Sealer([key])).issue(video_id)


@pytest.fixture
def private_server() -> Iterator[tuple[str, list[str]]]:
    """Something on this machine that nobody outside may reach, and what it was asked."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"secret")

        def log_message(self, *_: object) -> None:
            return None

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_link_to_a_private_address_is_not_fetched_and_the_reason_is_shown(
    service: Service, private_server: tuple[str, list[str]]
) -> None:
    url, asked = private_server
    service.start()
    service.post({"event_type": "avatar_video.success", "event_data": {"video_id": "v1", "url": f"{url}/admin"}})
    with service.client() as client:
        found = wait_until(lambda: client.get("/api/v1/videos", params={"state": "unarchived"}).json()["data"])
        story = client.get(f"/api/v1/videos/{found[0]['id']}/timeline").json()["data"]
        assert "not a public address" in story[-1]["message"]
        (job,) = client.get("/api/v1/jobs", params={"state": "dead"}).json()["data"]
        assert job["error"]["retryable"] is False
    assert asked == []


def test_the_log_tells_the_story_of_a_video_and_nothing_secret(with_heygen: Service, outside: Simulators) -> None:
    with with_heygen.client() as client:
        hook = {"url": f"http://{NOBODY}/hook", "types": ["video.ready"]}
        client.post("/api/v1/subscription-endpoints", json=hook).raise_for_status()
        asked = client.post("/api/v1/videos", json=REQUEST, headers={"X-Request-Id": "of-the-builder"}).json()
        ends_as(client, asked["id"], "ready")
        key = client.headers["authorization"].removeprefix("Bearer ")
    wait_until(lambda: "notification.attempted" in with_heygen.log, what="the endpoint was tried")
    secrets = [key, outside.heygen_api_key, with_heygen.secret, "Signature=Q"]
    assert [secret for secret in secrets if secret in with_heygen.log] == []

    lines = [json.loads(line) for line in with_heygen.log.splitlines() if line.startswith("{")]
    assert_it_tells(lines, asked["id"])


def assert_it_tells(lines: list[dict[str, Any]], video_id: str) -> None:
    """Every unit of work is found by the video's id, from the request to the notification, in their order."""
    story = [line for line in lines if line.get("video_id") == video_id]
    units = [f"{line['event']} {line.get('kind', '')}".strip() for line in story]
    following = ["job.attempted request_video", "event.applied", "archive.stored", "notification.attempted"]
    assert [unit for unit in dict.fromkeys(units) if unit in following] == following
    assert {"request.answered", "delivery.accepted", "job.attempted archive_asset"} < set(units)

    by_name = {name: [line for line in story if line["event"] == name] for name in {line["event"] for line in story}}
    assert "of-the-builder" in {line["request_id"] for line in by_name["request.answered"]}
    events = {line["event_id"] for line in by_name["event.applied"]}
    assert {line["event_id"] for line in by_name["delivery.accepted"]} == events
    applied = {line["job_id"]: line for line in lines if line.get("kind") == "apply_events"}
    for line in by_name["event.applied"]:
        job = applied[line["job_id"]]
        assert line["event_id"] in [job.get("event_id"), *job.get("event_ids", ())]
