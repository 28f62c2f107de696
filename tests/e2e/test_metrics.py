"""What Prometheus is told by real processes."""

import asyncio
import re
import shutil
import subprocess

import httpx2 as httpx
import pytest

from tests.e2e.many import Installation, installation, postgres, redis_server, watching
from tests.measured import samples, scraped
from tests.processes import Service, Simulators, free_port, wait_until

__all__ = ["installation", "postgres", "redis_server"]
REQUEST = {"heygen": {"type": "avatar", "avatar_id": "anna", "script": "Hello"}}
# What one video on its way moves, each more than nothing.
MOVED = (
    "reelhook_deliveries_total",
    "reelhook_events_total",
    "reelhook_ingest_seconds_count",
    "reelhook_commit_batch_count",
    "reelhook_event_applied_seconds_count",
    "reelhook_fanout_seconds_count",
    "reelhook_shown_seconds_count",
    "reelhook_transitions_total",
    "reelhook_jobs_total",
    "reelhook_job_seconds_count",
    "reelhook_job_wait_seconds_count",
    "reelhook_heygen_calls_total",
    "reelhook_archived_bytes_total",
    "reelhook_archives_total",
    "reelhook_archive_seconds_count",
    "reelhook_link_left_seconds_count",
    "reelhook_streams",
    "reelhook_stream_starts_total",
    "reelhook_requests_total",
    "reelhook_request_seconds_count",
    "reelhook_cache_total",
    "reelhook_build_info",
    "reelhook_gauges_up",
)


async def test_a_video_on_its_way_is_counted_everywhere_and_promtool_has_no_complaint(
    service: Service, outside: Simulators
) -> None:
    outside.control("POST", "/reset")
    service.settings |= outside.settings()
    await asyncio.to_thread(service.introduce, outside)
    with service.client() as client:
        bearer = client.headers["authorization"]
        async with watching(service, bearer) as frames:
            asked = client.post("/api/v1/videos", json=REQUEST).json()["id"]
            async for frame in frames:
                if '"state":"ready"' in frame.get("data", ""):
                    break
            async with watching(service, bearer, 1) as again:
                await anext(aiter(again))
                _odd_requests(client)
                text = client.get("/metrics").text
    found = samples(text)
    assert not [name for name in MOVED if not sum(found.get(name, {}).values()) > 0]
    assert found["reelhook_archives_total"][("stored", "local")] >= 1
    assert found["reelhook_stream_starts_total"] == {("new",): 1, ("replayed",): 1}
    assert found["reelhook_stream_replayed_total"][()] > 0
    assert ("create_video", "ok") in found["reelhook_heygen_calls_total"]
    assert asked not in text, "no id is a label"
    _counted_by_template(found["reelhook_requests_total"])
    _without_complaint(text)


def _without_complaint(scrape: str) -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("no promtool here: apt-get install prometheus")
    done = subprocess.run([promtool, "check", "metrics"], input=scrape, capture_output=True, text=True, timeout=30)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def _odd_requests(client: httpx.Client) -> None:
    httpx.request("BREW", f"{client.base_url}/api/v1/videos/not-there", timeout=15)
    for path in ("/api/v1/videos/1", "/api/v1/videos/2", "/no/such/page", "/api/v1/nothing"):
        client.get(path)
    client.head("/api/v1/videos")


def _counted_by_template(found: dict[tuple[str, ...], float]) -> None:
    """However odd the request, the label is one of few."""
    assert found[("POST", "/api/v1/videos", "202")] == 1
    assert found[("GET", "/api/v1/videos/{video_id}", "404")] == 2
    assert {method for method, _, _ in found} <= {"GET", "HEAD", "POST", "other"}
    assert all(re.fullmatch(r"(/[a-z0-9_./{}*-]+)|page", route) for _, route, _ in found), found
    assert not [route for _, route, _ in found if "nothing" in route or "not-there" in route]


def test_a_worker_tells_its_numbers_where_it_is_told_to_and_nothing_else(installation: Installation) -> None:
    port = free_port()
    settings = {"metrics_bind": f"127.0.0.1:{port}", "metrics_allow": "127.0.0.2"}
    worker = installation.worker(installation.service(**settings)).start()
    base = f"http://127.0.0.1:{port}"

    def answer(path: str) -> int:
        try:
            return httpx.get(base + path, timeout=5).status_code
        except httpx.TransportError:
            return 0

    wait_until(lambda: answer("/readyz") == 200, what="the worker is ready")
    assert [answer(path) for path in ("/healthz", "/", "/sdk/v1.js")] == [200, 404, 404]
    assert [answer(path) for path in ("/metrics", "/api/v1/videos")] == [401, 401]
    named = httpx.HTTPTransport(local_address="127.0.0.2")
    told = scraped(base, transport=named)
    assert (told["reelhook_gauges_up"], told["reelhook_dead_letters"]) == ({(): 1}, {(): 0})
    assert worker.end() == 0
    assert "Traceback" not in worker.log
