"""One trace from HeyGen's delivery to the browser, told to a collector by a real service."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

import httpx2 as httpx
import pytest

from tests.collecting import Collector, Told, collector
from tests.processes import Service, Simulators, wait_until

ASKED_BY = "0af7651916cd43dd8448eb211c80319c"
REQUEST = {"heygen": {"type": "avatar", "avatar_id": "anna", "script": "Hello"}, "subject": "bob@example.com"}


@contextmanager
def watching(service: Service, headers: httpx.Headers) -> Iterator[list[str]]:
    """A live stream that is read while this lasts: its lines."""
    lines: list[str] = []
    client = httpx.Client(base_url=service.base, headers=headers, timeout=30)
    with client, client.stream("GET", "/api/v1/stream") as response:

        def read() -> None:
            try:
                lines.extend(response.iter_lines())
            except httpx.HTTPError:
                return

        reader = threading.Thread(target=read, daemon=True)
        reader.start()
        yield lines
        service.stop()
        reader.join(10)


def only(spans: list[Told]) -> Told:
    (one,) = spans
    return one


def test_a_video_is_one_trace_from_the_delivery_to_the_stream(
    service: Service, outside: Simulators, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside.control("POST", "/reset")
    with collector() as heard:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", heard.endpoint)
        monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "50")
        service.settings |= outside.settings() | {"tracing": "true"}
        service.introduce(outside)
        with service.client() as client, watching(service, client.headers):
            parent = {"traceparent": f"00-{ASKED_BY}-b7ad6b7169203331-01"}
            asked = client.post("/api/v1/videos", json=REQUEST, headers=parent).json()
            wait_until(
                lambda: client.get(f"/api/v1/videos/{asked['id']}").json()["state"] == "ready", what="it is ready"
            )
        the_request_is_in_the_trace_of_who_asked(heard)
        event_id = the_delivery_goes_on_to_the_streams(heard)
        the_log_names_it(service, heard, event_id)
    with closing(sqlite3.connect(service.folder / "reelhook.db")) as db:
        (kept,) = db.execute("SELECT trace FROM jobs WHERE kind = 'request_video'").fetchone()
        assert kept.split("-")[1] == ASKED_BY
    for secret in (b"bob@example.com", b"Signature", outside.heygen_api_key.encode(), service.secret.encode()):
        assert secret not in heard.raw


def the_request_is_in_the_trace_of_who_asked(heard: Collector) -> None:
    request = only(heard.named("POST /api/v1/videos"))
    assert (request.trace, request.parent) == (ASKED_BY, "b7ad6b7169203331")
    assert request.attributes["http.response.status_code"] == 202
    job = only([one for one in heard.children(request) if one.name == "job request_video"])
    assert (job.trace, job.attributes["reelhook.outcome"]) == (ASKED_BY, "done")
    call = only([one for one in heard.children(job) if one.name == "POST HeyGen"])
    assert call.attributes["http.response.status_code"] == 200


def the_delivery_goes_on_to_the_streams(heard: Collector) -> str:
    delivery = only([one for one in heard.named("delivery") if "success" in one.attributes["reelhook.event_type"]])
    assert delivery.parent == ""
    apply = only(heard.children(delivery))
    assert (apply.name, apply.trace) == ("apply event", delivery.trace)
    batch = only([one for one in heard.named("job apply_events") if one.id in apply.links])
    assert apply.id in batch.links

    archive = only([one for one in heard.children(apply) if one.name == "job archive_asset"])
    steps = {one.name: one for one in heard.children(archive)}
    assert steps["fetch"].attributes["reelhook.content_type"] == "video/mp4"
    assert steps["store"].attributes["reelhook.verified"] == "digest"
    assert [one.name for one in heard.children(steps["store"])] == ["verify"]

    told = [one for one in heard.named("stream update") if one.trace == delivery.trace]
    assert {one.parent for one in told} >= {apply.id, archive.id}
    assert {one.attributes["reelhook.streams"] for one in told} == {1}
    assert [one.failed for one in heard.spans if one.trace == delivery.trace and one.failed] == []
    return str(delivery.attributes["reelhook.event_id"])


def the_log_names_it(service: Service, heard: Collector, event_id: str) -> None:
    apply = only([one for one in heard.named("apply event") if one.attributes["reelhook.event_id"] == event_id])
    line = only_line(service.log, '"event.applied"', event_id)
    assert f'"trace_id": "{apply.trace}"' in line
    assert f'"span_id": "{apply.id}"' in line


def only_line(log: str, *words: str) -> str:
    (line,) = [line for line in log.splitlines() if all(word in line for word in words)]
    return line
