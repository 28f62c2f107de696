"""What browsers are told with every answer, and which foreign pages may read it."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from reelhook.auth import Access
from reelhook.db import Database
from reelhook.kit.headed import Headed, bare
from reelhook.settings import Settings

from .conftest import HEADER, PASSWORD, Key, Person

FOREIGN, OTHER = "https://app.example.com", "https://evil.example"
PATHS = ("/api/v1/keys", "/api/v1/session", "/api/v1/none", "/metrics", "/media/x", "/", "/videos/1")


@pytest.fixture
def settings(more: dict[str, Any]) -> Settings:
    return Settings(**{"public_url": None, **more})


@pytest.fixture
def more() -> dict[str, Any]:
    return {}


@pytest.fixture
async def client(app: FastAPI, access: Access) -> AsyncIterator[Callable[..., httpx2.AsyncClient]]:
    made: list[httpx2.AsyncClient] = []
    shield = access.shield(access.gate(app))

    def make(base: str = "http://127.0.0.1:8000", remote: str = "192.0.2.7", **headers: str) -> httpx2.AsyncClient:
        transport = httpx2.ASGITransport(app=shield, client=(remote, 5000))
        made.append(httpx2.AsyncClient(transport=transport, base_url=base, headers=headers))
        return made[-1]

    yield make
    for one in made:
        await one.aclose()


Client = Callable[..., httpx2.AsyncClient]


async def test_every_answer_says_how_it_may_be_used(client: Client) -> None:
    for path in PATHS:
        headers = (await client().get(path)).headers
        assert headers["x-content-type-options"] == "nosniff", path
        assert headers["referrer-policy"] == "same-origin", path
        assert headers["cross-origin-opener-policy"] == "same-origin", path
        assert "strict-transport-security" not in headers, "over plain http it means nothing"
        assert "x-frame-options" not in headers, "frame-ancestors says it, and can name an origin"
        assert "unsafe" not in headers.get("content-security-policy", "")
        if not path.startswith(("/videos", "/media")) and path != "/":
            assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'", path
    assert "frame-ancestors 'none'" in (await client().get("/media/x")).headers["content-security-policy"]


@pytest.mark.parametrize(
    ("more", "base", "headers", "told"),
    [
        ({"public_url": "https://reelhook.example"}, "http://127.0.0.1", {}, True),
        ({}, "https://reelhook.example", {}, True),
        ({"trusted_proxies": "192.0.2.7"}, "http://reelhook.example", {"x-forwarded-proto": "https"}, True),
        ({}, "http://reelhook.example", {"x-forwarded-proto": "https"}, False),
        ({"public_url": "http://reelhook.example"}, "http://reelhook.example", {}, False),
    ],
)
async def test_behind_tls_browsers_are_told_to_stay_there(
    client: Client, base: str, headers: dict[str, str], told: bool
) -> None:
    for path in (*PATHS, "/webhooks/heygen"):
        found = (await client(base, **headers).get(path)).headers.get("strict-transport-security")
        assert found == ("max-age=31536000" if told else None), path


async def test_what_an_answer_says_itself_is_not_said_twice() -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    own = [(b"content-security-policy", b"default-src 'self'"), (b"vary", b"Accept-Encoding")]
    added = ((b"content-security-policy", b"default-src 'none'"), (b"vary", b"Origin"), (b"x", b"y"))
    headed = Headed(send, added)
    await headed({"type": "http.response.start", "status": 200, "headers": own})
    await headed({"type": "http.response.body", "body": b""})
    assert sent[0]["headers"] == [*own, (b"vary", b"Origin"), (b"x", b"y")]
    assert bare(headed) == (send, added)
    assert bare(send) == (send, ())


async def test_the_stream_still_finds_the_servers_own_send(access: Access, key: Key) -> None:
    seen: list[Any] = []

    async def inner(scope: Any, receive: Any, send: Any) -> None:
        seen.append(bare(send))

    async def receive() -> Any: ...
    async def send(message: Any) -> None: ...

    scope = {"type": "http", "method": "GET", "path": "/api/v1/stream", "query_string": b"", "scheme": "https"}
    headers = [(b"authorization", f"Bearer {await key()}".encode())]
    for _ in range(2):
        await access.shield(access.gate(inner))({**scope, "headers": headers}, receive, send)
    assert seen[0][0] is send
    assert (b"strict-transport-security", b"max-age=31536000") in seen[0][1]


async def test_a_websocket_passes_on_to_the_gate(access: Access) -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message["type"])

    await access.shield(access.gate(None))({"type": "websocket", "path": "/"}, None, send)  # type: ignore[arg-type]
    assert sent == ["websocket.close"]


async def test_without_an_allowed_origin_there_is_no_word_of_cors(client: Client, key: Key) -> None:
    asked = {"origin": FOREIGN, "access-control-request-method": "GET"}
    bearer = {"authorization": f"Bearer {await key()}", "origin": FOREIGN}
    for answer in (
        await client().options("/api/v1/keys", headers=asked),
        await client().get("/api/v1/keys", headers=bearer),
    ):
        assert [name for name in answer.headers if name.startswith("access-control")] == []
        assert "Origin" not in answer.headers.get("vary", "")


SHARING = pytest.mark.parametrize("more", [{"cors_origins": f"{FOREIGN},https://second.example"}])


@SHARING
async def test_a_page_of_an_allowed_origin_may_ask_first_without_any_lookup(client: Client, db: Database) -> None:
    asked = {"origin": FOREIGN, "access-control-request-method": "POST", "access-control-request-headers": "x-evil"}
    db.close()
    for path in ("/api/v1/keys", "/api/v1/stream", "/media/x"):
        answer = await client().options(path, headers=asked | {"cookie": "reelhook=a-session"})
        assert (answer.status_code, answer.content) == (204, b"")
        assert answer.headers["access-control-allow-origin"] == FOREIGN
        assert answer.headers["access-control-allow-methods"] == "GET, HEAD, POST, PUT, PATCH, DELETE"
        allowed = answer.headers["access-control-allow-headers"].lower().split(", ")
        assert {"authorization", "content-type", "idempotency-key", "last-event-id"} <= set(allowed)
        assert not {"*", "x-reelhook", "x-evil", "cookie"} & set(allowed)
        assert answer.headers["access-control-max-age"] == "600"
        assert "access-control-allow-credentials" not in answer.headers
        assert "Origin" in answer.headers["vary"]


@SHARING
@pytest.mark.parametrize(
    "origin", [OTHER, "null", "https://app.example.com:444", "http://app.example.com", "https://APP.example.com", "*"]
)
async def test_a_page_of_any_other_origin_may_not(client: Client, key: Key, origin: str) -> None:
    asked = {"origin": origin, "access-control-request-method": "GET"}
    answer = await client().options("/api/v1/keys", headers=asked)
    assert (answer.status_code, answer.json()["code"]) == (403, "origin_not_allowed")
    bearer = {"authorization": f"Bearer {await key()}", "origin": origin}
    read = await client().get("/api/v1/keys", headers=bearer)
    assert read.status_code == 200, "CORS is between browser and page; a program may say what it likes"
    for one in (answer, read):
        assert [name for name in one.headers if name.startswith("access-control-allow")] == []
        assert "Origin" in one.headers["vary"], "a cache must not hand this to the allowed page"


@SHARING
async def test_an_allowed_page_reads_answers_and_errors_with_a_key_or_a_token(client: Client, key: Key) -> None:
    program = client(authorization=f"Bearer {await key()}", origin=FOREIGN)
    made = await program.post("/api/v1/stream-tokens", json={"subject": "u1"})
    token = made.json()["token"]
    answers = [
        made,
        await program.get("/api/v1/videos/" + "0" * 36),
        await client(origin=FOREIGN).get(f"/api/v1/stream?token={token}"),
        await client(origin=FOREIGN).get("/api/v1/stream?token=wrong"),
        await client(origin=FOREIGN).get("/media/x?token=wrong"),
    ]
    assert [answer.status_code for answer in answers] == [201, 200, 200, 401, 401]
    for answer in answers:
        assert answer.headers["access-control-allow-origin"] == FOREIGN
        exposed = answer.headers["access-control-expose-headers"].split(", ")
        assert exposed == ["ETag", "RateLimit", "RateLimit-Policy", "Retry-After", "X-Request-Id"]
        assert "access-control-allow-credentials" not in answer.headers
    assert answers[-1].headers["cross-origin-resource-policy"] == "cross-origin"


async def test_any_page_may_load_the_sdk_and_nothing_beside_it(client: Client) -> None:
    headers = (await client(origin=OTHER).get("/sdk/v1.js")).headers
    assert headers["cross-origin-resource-policy"] == "cross-origin"
    assert headers["access-control-allow-origin"] == "*"
    for path in ("/sdk", "/sdk/v1.js/", "/sdk/.stamp"):
        headers = (await client(origin=OTHER).get(path)).headers
        assert headers["cross-origin-resource-policy"] == "same-origin", path
        assert "access-control-allow-origin" not in headers, path


@SHARING
async def test_sessions_and_pages_are_shared_with_nobody(client: Client) -> None:
    asked = {"origin": FOREIGN, "access-control-request-method": "POST"}
    for path in ("/api/v1/session", "/api/v1/session/link", "/"):
        for answer in (
            await client().options(path, headers=asked),
            await client(origin=FOREIGN).get(path),
        ):
            assert [name for name in answer.headers if name.startswith("access-control")] == []


@SHARING
async def test_our_cookie_is_no_credential_for_a_foreign_page(client: Client, person: Person, key: Key) -> None:
    await person()
    browser = client()
    signed = await browser.post(
        "/api/v1/session", json={"email": "ada@example.com", "password": PASSWORD}, headers=HEADER
    )
    assert signed.status_code == 200
    for origin in (FOREIGN, OTHER, "null", ""):
        for path in ("/api/v1/keys", "/api/v1/stream", "/metrics"):
            answer = await browser.get(path, headers={"origin": origin})
            assert (answer.status_code, answer.json()["code"]) == (403, "foreign_origin"), (origin, path)
        assert (await browser.get("/api/v1/session", headers={"origin": origin})).status_code == 401
        assert (await browser.post("/api/v1/keys", json={}, headers={"origin": origin} | HEADER)).status_code == 403
    for own in ({}, {"origin": "http://127.0.0.1:8000"}):
        assert (await browser.get("/api/v1/keys", headers=own)).status_code == 200
    # With a key or a token beside it, the cookie is not looked at.
    bearer = {"authorization": f"Bearer {await key('viewer')}", "origin": FOREIGN}
    assert (await browser.get("/api/v1/videos/" + "0" * 36, headers=bearer)).json()["kind"] == "key"
    # And what it opens may not be put into a foreign page.
    assert (await browser.get("/media/x")).headers["cross-origin-resource-policy"] == "same-origin"
    assert (await client().get("/media/x")).headers["cross-origin-resource-policy"] == "cross-origin"
