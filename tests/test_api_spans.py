"""Requests of the API as spans."""

from collections.abc import Iterator
from typing import Any

import httpx2 as httpx
import pytest
import structlog
from fastapi import APIRouter

from reelhook import tracing
from reelhook.api import Traced, create_api
from reelhook.errors import DatabaseUnavailable, NotFound
from tests.collecting import Collector, told_here

OUTSIDE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def routes() -> APIRouter:
    router = APIRouter()

    @router.get("/api/v1/things/{name}")
    async def thing(name: str) -> dict[str, str | None]:
        if name == "none":
            raise NotFound(f"there is no thing {name}")
        if name == "away":
            raise DatabaseUnavailable("the database is away")
        if name == "broken":
            raise RuntimeError("a bug")
        return {"carried": tracing.carried()}

    @router.get("/healthz")
    async def healthz() -> dict[str, str]:
        return {}

    return router


async def asked(path: str, *, known: bool = True, **headers: str) -> tuple[Collector, httpx.Response]:
    api = Traced(create_api(routes()))

    async def gated(scope: Any, receive: Any, send: Any) -> None:
        await api({**scope, "state": {"principal": "somebody" if known else None}}, receive, send)

    transport = httpx.ASGITransport(app=gated, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://reelhook") as client:
        with told_here() as heard:
            answer = await client.get(path, headers=headers)
    return heard, answer


async def test_a_request_is_named_by_its_route_and_goes_on_in_the_trace_of_who_asks() -> None:
    heard, answer = await asked("/api/v1/things/one", traceparent=OUTSIDE)
    (request,) = heard.spans
    assert (request.name, request.parent) == ("GET /api/v1/things/{name}", "b7ad6b7169203331")
    assert request.attributes["http.response.status_code"] == 200
    assert answer.json()["carried"] == f"00-{request.trace}-{request.id}-01"


@pytest.fixture(autouse=True)
def plain_logs() -> Iterator[None]:
    """Without this structlog draws every traceback in boxes, and takes a second for each."""
    before = structlog.get_config()
    structlog.configure(processors=[structlog.processors.KeyValueRenderer()])
    yield
    structlog.configure(**before)


@pytest.mark.parametrize("traceparent", [OUTSIDE, "00-nonsense"])
async def test_strangers_choose_no_trace(traceparent: str) -> None:
    heard, _ = await asked("/api/v1/things/one", known=False, traceparent=traceparent)
    (request,) = heard.spans
    assert request.parent == ""
    assert request.trace not in OUTSIDE


@pytest.mark.parametrize(
    ("name", "status", "failed", "error"),
    [
        ("none", 404, None, "not_found"),
        ("away", 503, "database_unavailable", "database_unavailable"),
        ("broken", 500, "RuntimeError", "RuntimeError"),
    ],
)
async def test_what_went_wrong_is_told_by_its_code(name: str, status: int, failed: str | None, error: str) -> None:
    heard, answer = await asked(f"/api/v1/things/{name}")
    (request,) = heard.spans
    assert answer.status_code == request.attributes["http.response.status_code"] == status
    assert (request.failed, request.attributes["error.type"]) == (failed, error)


async def test_those_that_look_after_us_leave_no_trace() -> None:
    heard, _ = await asked("/healthz")
    assert heard.spans == []
