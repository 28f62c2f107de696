import pytest
from fastapi import FastAPI

from reelhook.auth import Access
from reelhook.auth.endpoints import routers
from reelhook.auth.open_paths import Door, door
from reelhook.auth.principal import local_admin, of_key, of_person, of_token
from reelhook.auth.requires import declarations, requires
from reelhook.auth.roles import ADMIN, OPERATOR, ROLES, VIEWER, scopes_of
from reelhook.errors import Forbidden

from .conftest import Client, Key

VIDEO = "0192c000-0000-7000-8000-000000000001"
OTHER = "0192c000-0000-7000-8000-000000000002"


def test_each_role_holds_all_of_the_one_before() -> None:
    assert VIEWER < OPERATOR < ADMIN
    assert {"keys:write", "people:read", "people:write", "settings"} == ADMIN - OPERATOR


def test_an_unknown_role_may_nothing() -> None:
    assert scopes_of("superuser") == frozenset()


def test_every_key_keeps_its_own_preferences() -> None:
    assert scopes_of("operator", frozenset({"videos:read"})) == {"videos:read", "me"}


def test_who_sees_which_video(clock) -> None:
    sees = {
        "operator": of_person("p1", "a@b", "operator"),
        "viewer": of_person("p1", "a@b", "viewer"),
        "viewer key": of_key("k1", "k", "viewer", None),
        "operator key": of_key("k1", "k", "operator", frozenset({"videos:read"})),
        "token": of_token("u1", None, clock.now()),
        "narrow token": of_token("u1", frozenset({OTHER}), clock.now()),
        "local": local_admin(),
    }
    owners = {"p1", "k1", "u1", "stranger", None}
    visible = {name: {owner for owner in owners if one.sees(VIDEO, owner)} for name, one in sees.items()}
    assert visible == {
        "operator": owners,
        "viewer": {"p1"},
        "viewer key": {"k1"},
        "operator key": owners,
        "token": {"u1"},
        "narrow token": set(),
        "local": owners,
    }
    assert sees["narrow token"].sees(OTHER, "u1")
    assert not sees["narrow token"].sees(OTHER, None)


def test_nobody_gives_away_more_than_they_have() -> None:
    narrow = of_key("k1", "k", "admin", frozenset({"keys:write", "videos:read"}))
    narrow.require_power_over(frozenset({"videos:read"}))
    with pytest.raises(Forbidden, match="jobs:read"):
        narrow.require_power_over(frozenset({"videos:read", "jobs:read"}))


def test_a_scope_nobody_has_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="no role has"):
        requires("videos:reed")


async def test_role_by_endpoint(client: Client, key: Key) -> None:
    asked = {
        ("GET", "/api/v1/keys"): "keys:read",
        ("POST", "/api/v1/keys"): "keys:write",
        ("DELETE", "/api/v1/keys/x"): "keys:write",
        ("POST", "/api/v1/keys/x/rotate"): "keys:write",
        ("GET", "/api/v1/people"): "people:read",
        ("POST", "/api/v1/people"): "people:write",
        ("PATCH", "/api/v1/people/x"): "people:write",
        ("DELETE", "/api/v1/people/x"): "people:write",
        ("POST", "/api/v1/people/x/sign-in-link"): "people:write",
        ("GET", "/api/v1/audit"): "audit:read",
        ("POST", "/api/v1/stream-tokens"): "stream-tokens",
        ("GET", "/metrics"): "metrics",
    }
    for role, scopes in ROLES.items():
        program = client(authorization=f"Bearer {await key(role)}")
        for (method, path), scope in asked.items():
            answer = await program.request(method, path, json=None if method == "GET" else {})
            assert (answer.status_code == 403) == (scope not in scopes), (role, method, path, answer.text)


async def test_a_narrowed_key_may_less_than_its_role(client: Client, key: Key) -> None:
    program = client(authorization=f"Bearer {await key('admin', ['audit:read'])}")
    assert (await program.get("/api/v1/audit")).status_code == 200
    refused = await program.get("/api/v1/keys")
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")


def test_every_api_route_of_this_room_asks_for_a_scope_or_is_open(access: Access) -> None:
    routes = [route for router in routers(access) for route in router.routes]
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, routes=routes)
    declared = {(method, path): scopes for method, path, scopes in declarations(app)}
    assert len(declared) >= 19
    for (method, path), scopes in declared.items():
        assert bool(scopes) == (door(method, path) is Door.GUARDED), (method, path)
    assert declared["GET", "/api/v1/audit"] == {"audit:read"}, "asked for by its router"


def test_what_is_open_says_so_in_the_reference(access: Access) -> None:
    app = FastAPI(routes=[route for router in routers(access) for route in router.routes])
    for path, methods in app.openapi()["paths"].items():
        for method, described in methods.items():
            is_open = door(method.upper(), path) is not Door.GUARDED
            assert is_open == (described.get("security") == []), (method, path)
