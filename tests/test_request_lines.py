"""Each request has one line and an id; the line has no address, no name and no secret in it."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import pytest_asyncio
import structlog
from structlog.contextvars import merge_contextvars

from reelhook.app import Service
from reelhook.auth import local_admin
from reelhook.settings import Settings
from tests.conftest import eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")

SOME_ID = "0192c000-0000-7000-8000-000000000001"
Lines = list[dict[str, Any]]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def service(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Service]:
    folder: Path = tmp_path_factory.mktemp("requests")
    running = Service(
        Settings(database_url=f"sqlite:///{folder / 'r.db'}", stores=f"local:{folder / 'media'}"), works=False
    )
    running.start()
    await running.opened.wait()
    await eventually(lambda: running.parts.hub.cursor is not None)
    yield running
    await running.stop()


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def key(service: Service) -> str:
    return (await service.parts.access.keys.create(local_admin(), "Ada's key", "operator", None)).key


@pytest_asyncio.fixture(loop_scope="module")
async def client(service: Service, key: str) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app=service.asgi, raise_app_exceptions=False)
    headers = {"authorization": f"Bearer {key}"}
    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1", headers=headers) as one:
        yield one


@pytest.fixture
def told() -> Iterator[Lines]:
    with structlog.testing.capture_logs([merge_contextvars]) as lines:
        yield lines


def only(told: Lines) -> dict[str, Any]:
    (line,) = [line for line in told if line["event"] == "request.answered"]
    return line


async def test_a_request_is_told_by_its_route_and_who_asked(client: httpx2.AsyncClient, told: Lines) -> None:
    answer = await client.get(f"/api/v1/videos/{SOME_ID}?secret=s3cret")
    line = only(told)
    assert line.pop("ms") >= 0
    assert len(line.pop("by_id")) == len(SOME_ID)
    assert line == {
        "event": "request.answered",
        "log_level": "info",
        "request_id": answer.headers["x-request-id"],
        "method": "GET",
        "route": "/api/v1/videos/{video_id}",
        "video_id": SOME_ID,
        "status": 404,
        "code": "not_found",
        "by": "key",
        "bytes": len(answer.content),
    }


async def test_a_video_that_is_made_is_named(client: httpx2.AsyncClient, told: Lines) -> None:
    made = await client.post("/api/v1/videos", json={"heygen_video_id": "abc"})
    assert (only(told)["video_id"], only(told)["status"]) == (made.json()["id"], 202)
    assert "code" not in only(told)


@pytest.mark.parametrize(
    ("method", "path", "route", "code", "level"),
    [
        ("GET", "/api/v1/me", "/api/v1/me", None, "info"),
        ("GET", "/api/v1/nothing/s3cret", "/api/*", "not_found", "info"),
        ("GET", "/media/s3cret/x.mp4", "/media/*", "not_found", "info"),
        ("DELETE", "/api/v1/me/preferences", "/api/v1/me/preferences", "method_not_allowed", "info"),
        ("POST", "/videos/s3cret", "page", "method_not_allowed", "info"),
        ("GET", "/assets/s3cret.js", "/assets/*", "not_found", "info"),
        ("GET", "/healthz", "/healthz", None, "debug"),
        ("GET", "/metrics", "/metrics", None, "debug"),
        ("POST", "/webhooks/heygen/s3cret", "/webhooks/*", "method_not_allowed", "info"),
    ],
)
async def test_whatever_is_asked_the_routes_are_few(
    client: httpx2.AsyncClient, told: Lines, method: str, path: str, route: str, code: str | None, level: str
) -> None:
    await client.request(method, path)
    line = only(told)
    assert (line["route"], line.get("code"), line["log_level"]) == (route, code, level)
    assert "s3cret" not in str(line)


async def test_who_is_not_let_in_is_nobody(client: httpx2.AsyncClient, told: Lines) -> None:
    await client.get("/api/v1/videos", headers={"authorization": "Bearer s3cret"})
    line = only(told)
    assert (line["status"], line["code"], line["route"]) == (401, "unauthorized", "/api/*")
    assert "by" not in line


@pytest.mark.parametrize(("given", "taken"), [("abc-1:2", True), ("a b", False), ("x" * 65, False), ("", False)])
async def test_an_id_that_is_given_is_taken_if_it_is_nothing_but_a_name(
    client: httpx2.AsyncClient, told: Lines, given: str, taken: bool
) -> None:
    answer = await client.get("/api/v1/me", headers={"x-request-id": given})
    assert answer.headers["x-request-id"] == only(told)["request_id"]
    assert (answer.headers["x-request-id"] == given) is taken


async def test_a_stream_that_is_refused_has_a_line_too(client: httpx2.AsyncClient, told: Lines) -> None:
    answer = await client.get("/api/v1/stream?last_event_id=x")
    line = only(told)
    assert (line["route"], line["status"], line["code"]) == ("/api/v1/stream", 422, "wrong_input")
    assert line["request_id"] == answer.headers["x-request-id"]


async def test_the_front_door_has_lines_of_its_own(client: httpx2.AsyncClient, told: Lines) -> None:
    answer = await client.post("/webhooks/heygen", content=b"{}")
    assert [line["event"] for line in told] == ["delivery.refused"]
    assert told[0]["bytes"] == 2
    assert "x-request-id" not in answer.headers


async def test_a_crash_is_told_with_the_id_that_the_client_saw(
    client: httpx2.AsyncClient, told: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reelhook.videos.endpoints.queries.find", lambda *_: 1 / 0)
    answer = await client.patch(f"/api/v1/videos/{SOME_ID}", json={})
    crashed = next(line for line in told if line["event"] == "request.crashed")
    assert (answer.status_code, only(told)["status"], only(told)["log_level"]) == (500, 500, "warning")
    assert crashed["request_id"] == answer.headers["x-request-id"]


async def test_an_answer_that_was_not_finished_is_told_as_cut(service: Service, told: Lines) -> None:
    from reelhook.request_lines import RequestLines

    async def dies(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"half", "more_body": True})
        raise ConnectionResetError

    async def nowhere(message: Any) -> None:
        return None

    app = RequestLines(dies, service.parts.clock, service.parts.ids)
    with pytest.raises(ConnectionResetError):
        await app({"type": "http", "method": "GET", "path": "/media/x", "headers": []}, None, nowhere)  # type: ignore[arg-type]
    assert (only(told)["cut"], only(told)["bytes"]) == (True, 4)
