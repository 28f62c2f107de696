"""A HeyGen key that stops working: what needs it waits, what does not goes on, and nothing fails of it."""

from collections.abc import Iterator

import httpx2 as httpx
import pytest

from tests.e2e.trouble import REQUEST, applied, becomes, failure_of, guide, job_error, readiness, video
from tests.processes import Service, Simulators, free_port, simulators, wait_until

RENDER_S = 2.0


@pytest.fixture(scope="module")
def outside() -> Iterator[Simulators]:
    with simulators(RENDER_S) as running:
        yield running


@pytest.fixture
def running(service: Service, outside: Simulators) -> Service:
    service.port = free_port()
    service.settings |= outside.settings()
    service.settings["heygen_webhook_secrets"] = outside.register(f"{service.base}/webhooks/heygen")
    return service.start()


def waits(client: httpx.Client, video_id: str) -> None:
    """It was tried, it will be tried, and no attempt was counted."""
    jobs = lambda: client.get("/api/v1/jobs", params={"video_id": video_id, "kind": "request_video"}).json()["data"]  # noqa: E731
    wait_until(lambda: jobs()[0]["attempts"], what="it was tried")
    (job,) = jobs()
    assert (job["state"], job["error"]["code"]) == ("available", "postponed")
    assert {attempt["number"] for attempt in job["attempts"]} == {1}
    assert "waiting for heygen renders: HeyGen does not accept the API key" in job["error"]["message"]


def test_a_key_that_stops_working(running: Service, outside: Simulators) -> None:
    with running.client() as client:
        rendering = client.post("/api/v1/videos", json=REQUEST).json()["id"]
        wait_until(lambda: video(client, rendering)["state"] == "rendering", what="HeyGen accepted it")
        outside.control("PATCH", "/settings", {"key_refused": True})
        refused = client.post("/api/v1/videos", json=REQUEST).json()["id"]
        waits(client, refused)
        becomes(client, rendering, "ready")  # its event brought the link, so nobody needs to be asked
        secret = str(running.settings["heygen_webhook_secrets"])
        assert running.post(failure_of("other"), secret=secret).status_code == 200
        applied(client, ["other"])
        assert readiness(running)["ok"]
        assert video(client, refused)["state"] == "requested"
        outside.control("PATCH", "/settings", {"key_refused": False})
        becomes(client, refused, "ready")
        assert job_error(client, refused, "request_video") == {"state": "done"}
    guide("HeyGen does not accept the API key", "REELHOOK_HEYGEN_API_KEY", "waiting for heygen")
