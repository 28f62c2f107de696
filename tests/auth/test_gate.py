from typing import Any

import pytest
from fastapi import FastAPI
from httpx2 import Response

from reelhook.auth import Access
from reelhook.auth.body import MOST_BYTES
from reelhook.auth.open_paths import Door, door
from reelhook.db import Database
from reelhook.errors import DatabaseUnavailable
from reelhook.settings import Settings

from .conftest import HEADER, Client, Key, Person

OPEN = [
    ("POST", "/webhooks/heygen"),
    ("OPTIONS", "/webhooks/heygen"),
    ("POST", "/webhooks/heygen/callback/abc"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/"),
    ("HEAD", "/assets/app.js"),
    ("GET", "/videos/123"),
    ("GET", "/sdk/v1.js"),
    ("GET", "/apis"),
]
GUARDED = [
    ("GET", "/api"),
    ("GET", "/api/v1/videos"),
    ("POST", "/api/v1/videos"),
    ("GET", "/api/v1/sessions"),
    ("GET", "/api/v1/session-x"),
    ("GET", "/media/x.mp4"),
    ("GET", "/metrics"),
    ("GET", "/docs"),
    ("GET", "/docs/swagger-ui.css"),
    ("GET", "/openapi.json"),
    ("POST", "/"),
    ("DELETE", "/videos/123"),
    ("OPTIONS", "/api/v1/videos"),
]


@pytest.mark.parametrize(("method", "path"), OPEN)
def test_what_is_open(method: str, path: str) -> None:
    assert door(method, path) is Door.OPEN


@pytest.mark.parametrize(("method", "path"), GUARDED)
def test_what_is_guarded(method: str, path: str) -> None:
    assert door(method, path) is Door.GUARDED


async def raw(app: Any, method: str, path: str, *headers: tuple[bytes, bytes], **scope: Any) -> tuple[int, dict, bytes]:
    """One request whose body must not be touched."""

    async def receive() -> dict[str, Any]:
        pytest.fail("the gate read the body")

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    asked = {"type": "http", "method": method, "path": path, "headers": list(headers), "query_string": b""}
    await app(asked | {"scheme": "http", "client": ("192.0.2.7", 1)} | scope, receive, send)
    return sent[0]["status"], {name.decode(): value.decode() for name, value in sent[0]["headers"]}, sent[1]["body"]


async def test_401_before_a_byte_of_the_body_is_read(app: FastAPI, access: Access) -> None:
    status, headers, body = await raw(access.gate(app), "POST", "/api/v1/videos", (b"content-length", b"5"))
    assert (status, headers["www-authenticate"]) == (401, "Bearer")
    assert headers["content-type"] == "application/problem+json"
    assert b'"unauthorized"' in body


async def test_a_wrong_key_is_401_before_the_body_too(app: FastAPI, access: Access) -> None:
    status, _, _ = await raw(access.gate(app), "POST", "/api/v1/videos", (b"authorization", b"Bearer rhk_a_b"))
    assert status == 401


async def test_broken_json_without_a_key_is_401(client: Client) -> None:
    assert (await client().post("/api/v1/videos", content=b"{")).status_code == 401


@pytest.mark.parametrize(
    "text", ["Bearer", "Bearer ", "Bearer rhk_1_2", "Bearer e30.e30.e30", "bearer \xff", "Basic YTpi"]
)
async def test_a_credential_that_is_not_good_is_401(client: Client, text: str) -> None:
    answer = await client().get("/api/v1/keys", headers=[(b"authorization", text.encode("latin-1"))])
    assert answer.status_code == 401


async def test_a_wrong_key_is_401_although_the_cookie_is_good(signed_in, person: Person) -> None:
    await person()
    browser = await signed_in()
    assert (await browser.get("/api/v1/keys")).status_code == 200
    assert (await browser.get("/api/v1/keys", headers={"Authorization": "Bearer rhk_x_y"})).status_code == 401


async def test_a_wrong_credential_is_ignored_where_none_is_needed(client: Client) -> None:
    program = client(authorization="Bearer nonsense", cookie="reelhook=nonsense")
    assert (await program.post("/webhooks/heygen")).json() == "open"
    assert (await program.delete("/api/v1/session", headers=HEADER)).status_code == 204


async def test_two_authorization_headers_are_400(client: Client, key: Key) -> None:
    good = f"Bearer {await key()}"
    answer = await client().get("/api/v1/keys", headers=[("Authorization", good), ("Authorization", good)])
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")


@pytest.mark.parametrize("values", [["-1"], ["x"], [""], ["5", "5"], ["5", "6"], ["٣".encode()], ["9" * 19]])
async def test_a_senseless_content_length_is_400(app: FastAPI, access: Access, values: list[Any]) -> None:
    headers = [(b"content-length", value if isinstance(value, bytes) else value.encode()) for value in values]
    status, _, _ = await raw(access.gate(app), "POST", "/api/v1/videos", *headers)
    assert status == 400


async def test_a_body_announced_too_large_is_413_unread(app: FastAPI, access: Access, key: Key) -> None:
    bearer = (b"authorization", f"Bearer {await key()}".encode())
    length = (b"content-length", str(MOST_BYTES + 1).encode())
    status, _, body = await raw(access.gate(app), "POST", "/api/v1/videos", bearer, length)
    assert (status, b"body_too_large" in body) == (413, True)


async def test_a_body_that_grows_too_large_is_413(client: Client, key: Key) -> None:
    async def chunks():
        for _ in range(17):
            yield b" " * 65_536

    program = client(authorization=f"Bearer {await key()}")
    answer = await program.post("/api/v1/videos", content=chunks(), headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


async def test_a_body_of_exactly_the_limit_is_read(client: Client, key: Key) -> None:
    program = client(authorization=f"Bearer {await key()}", content_type="application/json")
    content = b"{}" + b" " * (MOST_BYTES - 2)
    assert (await program.post("/api/v1/videos", content=content)).json() == MOST_BYTES


async def test_the_front_door_limits_its_bodies_itself(client: Client) -> None:
    assert (await client().post("/webhooks/heygen", content=b" " * (MOST_BYTES + 1))).json() == "open"


async def test_our_own_socket_is_the_admin(app: FastAPI, access: Access) -> None:
    seen: list[Any] = []

    async def inner(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["state"]["principal"])

    scope = {"type": "http", "method": "POST", "path": "/api/v1/keys", "headers": [], "query_string": b""}
    await access.gate(inner)(scope | {"scheme": "http", "reelhook.local": True}, None, None)
    assert (seen[0].kind, seen[0].role, seen[0].may("people:write")) == ("local", "admin", True)


async def test_a_truthy_mark_is_not_our_socket(app: FastAPI, access: Access) -> None:
    status, _, _ = await raw(access.gate(app), "POST", "/api/v1/keys", **{"reelhook.local": "yes"})
    assert status == 401


async def test_the_state_of_one_request_is_not_shared(access: Access) -> None:
    shared: dict[str, Any] = {"from": "lifespan"}
    seen: list[Any] = []

    async def inner(scope: Any, receive: Any, send: Any) -> None:
        seen.append((scope["state"], receive, send))

    async def receive() -> Any: ...
    async def send(message: Any) -> None: ...

    scope = {"type": "http", "method": "GET", "path": "/api/v1/stream", "headers": [], "state": shared}
    await access.gate(inner)(scope | {"reelhook.local": True}, receive, send)
    state, inner_receive, inner_send = seen[0]
    assert (state["from"], "principal" in state, "principal" in shared) == ("lifespan", True, False)
    assert inner_receive is receive, "the stream steps the server's own channel"
    assert inner_send is send


async def test_a_websocket_is_refused_and_lifespan_passes(access: Access) -> None:
    seen: list[Any] = []

    async def inner(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["type"])

    async def send(message: Any) -> None:
        seen.append(message["type"])

    await access.gate(inner)({"type": "websocket", "path": "/"}, None, send)
    await access.gate(inner)({"type": "lifespan"}, None, send)
    assert seen == ["websocket.close", "lifespan"]


async def away(*_: Any, **__: Any) -> Any:
    raise DatabaseUnavailable("the database refused the work", retry_after_s=4.2)


@pytest.mark.parametrize(
    "headers", [{"authorization": "Bearer rhk_a_b"}, {"cookie": "reelhook=abc"}], ids=["key", "cookie"]
)
@pytest.mark.parametrize("path", ["/api/v1/keys", "/api/v1/session"])
async def test_a_database_that_is_away_is_503_never_401(
    client: Client, db: Database, monkeypatch, headers: dict[str, str], path: str
) -> None:
    monkeypatch.setattr(db, "read", away)
    answer = await client(**headers).get(path)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert answer.json()["code"] == "database_unavailable"


async def test_without_a_credential_the_database_is_not_asked(client: Client, db: Database, monkeypatch) -> None:
    monkeypatch.setattr(db, "read", away)
    assert (await client().get("/api/v1/keys")).status_code == 401


async def test_a_head_request_is_refused_without_a_body(client: Client) -> None:
    answer: Response = await client().head("/api/v1/keys")
    assert (answer.status_code, answer.content) == (401, b"")


class TestMetrics:
    @pytest.fixture
    def settings(self) -> Settings:
        return Settings(metrics_allow=("192.0.2.0/24",), trusted_proxies=("10.0.0.1",))

    async def test_an_allowed_address_needs_no_key(self, client: Client) -> None:
        assert (await client().get("/metrics")).json() == "metrics"
        assert (await client().get("/api/v1/keys")).status_code == 401

    async def test_another_address_needs_one(self, client: Client, key: Key) -> None:
        assert (await client(remote="198.51.100.1").get("/metrics")).status_code == 401
        program = client(remote="198.51.100.1", authorization=f"Bearer {await key('operator')}")
        assert (await program.get("/metrics")).status_code == 200

    async def test_behind_a_proxy_the_client_counts(self, client: Client) -> None:
        assert (await client(remote="10.0.0.1", x_forwarded_for="198.51.100.1").get("/metrics")).status_code == 401
        assert (await client(remote="10.0.0.1", x_forwarded_for="192.0.2.9").get("/metrics")).status_code == 200
