"""The permission table is true: every route of the OpenAPI document, asked by everybody, answers as it says."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest

from reelhook.app import Service
from reelhook.auth import local_admin
from reelhook.auth.permissions import Permission, permissions, table
from reelhook.auth.requires import requires
from reelhook.auth.roles import ADMIN, ROLES
from reelhook.settings import Settings
from tests.conftest import eventually

PAGE = Path(__file__).parents[2] / "docs" / "access.md"
SOME_ID = "0192c000-0000-7000-8000-000000000001"
# A stream would not end by itself; what is wrong with its question is looked at after the scope.
WRONG_QUESTION = {"/api/v1/stream": "?last_event_id=x"}


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    database = f"sqlite:///{tmp_path / 'reelhook.db'}"
    running = Service(Settings(database_url=database, stores=f"local:{tmp_path / 'media'}", api_rate=0), works=False)
    running.start()
    await running.opened.wait()
    await eventually(lambda: running.parts.hub.cursor is not None)
    yield running
    await running.stop()


class Caller:
    """Somebody who asks routes, and tells which of them let them in."""

    def __init__(self, service: Service, secret: str | None) -> None:
        headers = {} if secret is None else {"authorization": f"Bearer {secret}"}
        transport = httpx2.ASGITransport(app=service.asgi, raise_app_exceptions=False)
        self.client = httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1", headers=headers)

    async def may(self, one: Permission) -> bool:
        """Whether the answer is anything else than a refusal; what was asked is nonsense, and changes nothing."""
        path = re.sub(r"{\w+}", SOME_ID, one.path) + WRONG_QUESTION.get(one.path, "")
        body = {} if one.method in ("POST", "PUT", "PATCH") else None
        answer = await self.client.request(one.method, path, json=body)
        assert answer.status_code < 500 or answer.status_code == 503, (one, answer.text)
        if answer.status_code == 403:
            assert answer.json()["code"] == "forbidden", (one, answer.text)
        return answer.status_code not in (401, 403)


def guarded(service: Service) -> list[Permission]:
    """Those of the OpenAPI document that are not open."""
    document = service.doors.api.openapi()
    told = {
        (method.upper(), path): operation
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if operation.get("security") != []
    }
    found = {(one.method, one.path): one for one in permissions(service.doors.api)}
    assert told.keys() <= found.keys(), "a route that is in no table"
    for route, operation in told.items():
        assert operation["x-required-scope"] == found[route].scope, route
        assert operation["x-roles"] == list(found[route].roles), route
        assert {"401", "403"} <= operation["responses"].keys(), route
    return [found[route] for route in told]


async def key(service: Service, role: str, scopes: list[str] | None = None) -> str:
    return (await service.parts.access.keys.create(local_admin(), "k", role, scopes)).key


async def compare(caller: Caller, routes: list[Permission], expected: list[bool]) -> None:
    allowed = [await caller.may(one) for one in routes]
    wrong = [(one, got) for one, got, due in zip(routes, allowed, expected, strict=True) if got != due]
    assert wrong == []


async def test_nobody_may_anything_that_is_not_open(service: Service) -> None:
    routes = guarded(service)
    assert len(routes) > 40
    assert all(one.scope for one in routes)
    await compare(Caller(service, None), routes, [False] * len(routes))


@pytest.mark.parametrize("role", list(ROLES))
async def test_each_role_may_what_the_table_says(service: Service, role: str) -> None:
    routes = guarded(service)
    await compare(Caller(service, await key(service, role)), routes, [role in one.roles for one in routes])


async def test_the_one_scope_is_enough_and_all_the_others_are_not(service: Service) -> None:
    callers: dict[frozenset[str], Caller] = {}

    async def with_scopes(*scopes: str) -> Caller:
        name = frozenset(scopes)
        if name not in callers:
            callers[name] = Caller(service, await key(service, "admin", sorted(name)))
        return callers[name]

    for one in guarded(service):
        assert one.scope is not None
        assert await (await with_scopes(one.scope)).may(one), one
        others = ADMIN - {one.scope}
        assert await (await with_scopes(*others)).may(one) == (one.scope == "me"), one  # which nobody can lose


async def test_a_stream_token_opens_what_the_table_says_and_no_more(service: Service) -> None:
    token = service.parts.access.stream_tokens.issue(local_admin(), "u1").token
    routes = guarded(service)
    assert {one.path for one in routes if one.opened_by_token} == {
        "/api/v1/stream",
        "/api/v1/videos/{video_id}",
        "/api/v1/videos/{video_id}/timeline",
        "/media/{asset_id}",
    }
    await compare(Caller(service, token), routes, [one.opened_by_token for one in routes])


async def test_the_page_shows_the_table(service: Service) -> None:
    routes = table(service.doors.api)
    assert set(routes) == set(guarded(service))
    lines = [f"| `{one.method} {one.path}` | `{one.scope}` | {', '.join(one.roles)} |" for one in routes]
    shown = [line for line in PAGE.read_text().splitlines() if re.match(r"\| `[A-Z]+ /\S+` \| `[\w:-]+` \|", line)]
    assert shown == lines, "run scripts/permission_table.py"


async def test_the_page_shows_the_scopes_of_each_role() -> None:
    shown = dict(re.findall(r"^\| `([\w:-]+)` \| ([a-z, ]+) \|", PAGE.read_text(), re.MULTILINE))
    assert shown == {scope: ", ".join(role for role, has in ROLES.items() if scope in has) for scope in ADMIN}


async def test_a_route_that_asks_twice_is_a_mistake_of_ours(service: Service) -> None:
    from fastapi import Depends, FastAPI

    app = FastAPI(dependencies=[Depends(requires("me"))])
    app.get("/x", dependencies=[Depends(requires("stream"))])(lambda: None)
    with pytest.raises(ValueError, match="more than one scope"):
        list(permissions(app))
