"""A marked secret in every secret setting and header: none is in an answer, a log line or the database, in clear."""

import json
import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx2 as httpx
import pytest

from tests.processes import Service, wait_until

SETTINGS = {
    "secret_key": "mark3dSecretKeyOfTheService,mark3dOlderKeyOfTheService",
    "heygen_api_key": "mark3dHeyGenKey",
    "heygen_webhook_secrets": "mark3dWebhookOne,whsec_mark3dWebhookTwo",
    "cloudinary_url": "cloudinary://271828:mark3dCloudinary@demo",
    "smtp_url": "smtp://ops:mark3dSmtp%2FPassword@127.0.0.1:9",
    "oidc_issuer": "http://127.0.0.1:9",
    "oidc_client_id": "reelhook",
    "oidc_client_secret": "mark3dOidcSecret",
    "sentry_dsn": "http://mark3dSentryKey@127.0.0.1:9/1",
    "public_url": "http://127.0.0.1:9",
    "api_rate": 0,
}
HEADERS = {
    "authorization": "Bearer mark3dBearerToken",
    "proxy-authorization": "Basic mark3dProxy",
    "cookie": "reelhook=mark3dSessionCookie; __Host-reelhook=mark3dSessionCookie",
    "x-api-key": "mark3dHeaderKey",
    "x-auth-token": "mark3dHeaderToken",
}
MARK = b"mark3d"
PASSWORD = "mark3d horse battery staple"


class Tactless(BaseHTTPRequestHandler):
    """A HeyGen that repeats in its errors whatever it was sent."""

    def do_POST(self) -> None:
        said = f"not you: {dict(self.headers)} {self.headers.get('x-api-key')}"
        body = json.dumps({"error": {"code": "unauthorized", "message": said}}).encode()
        self.send_response(400)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST  # noqa: N815 - the names are http.server's

    def log_message(self, *_: Any) -> None:
        return None


@pytest.fixture
def heygen() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Tactless)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_no_secret_comes_out_of_a_real_server(service: Service, heygen: str) -> None:
    service.settings |= SETTINGS | {"heygen_base_url": f"http://{heygen}", "fetch_allow": heygen}
    service.start()
    said: list[bytes] = []
    words = ("people", "create", "ada@example.com", "--role", "admin", "--password-stdin")
    made = service.command(*words, stdin=f"{PASSWORD}\n")
    assert made.returncode == 0, made.stderr
    with service.client("admin") as admin, httpx.Client(base_url=service.base, timeout=15) as nobody:
        key = admin.headers["authorization"].split()[1].encode()
        video = admin.post("/api/v1/videos", json={"heygen": {"type": "avatar", "avatar_id": "a", "script": "s"}})
        event = service.post({"event_type": "x", "event_data": {}}, secret="mark3dWebhookOne", **HEADERS)
        assert event.status_code == 200, event.text
        knocks = [
            service.post(b"{}", secret="wrong", **HEADERS),
            nobody.get("/api/v1/videos", headers={"authorization": HEADERS["authorization"]}),
            nobody.get("/api/v1/videos", headers={"cookie": HEADERS["cookie"]}),
            nobody.get("/api/v1/stream?token=mark3dStreamToken"),
            nobody.post("/api/v1/session", json={"email": "ada@example.com", "password": "mark3dWrong1"},
                        headers={"x-reelhook": "1"}),
            nobody.post("/api/v1/session", json={"email": "ada@example.com", "password": PASSWORD},
                        headers={"x-reelhook": "1"}),
            nobody.post("/api/v1/session/link", json={"token": "mark3dLink"}, headers={"x-reelhook": "1"}),
            nobody.post("/webhooks/heygen/callback/mark3dCallback", content=b"{}"),
            admin.post("/api/v1/webhook-endpoints", json={}),
            admin.post("/api/v1/secrets/reseal"),
        ]  # fmt: skip
        assert {one.status_code for one in knocks} >= {200, 401}
        session = knocks[5].cookies["reelhook"].encode()
        path = f"/api/v1/jobs?video_id={video.json()['id']}"
        wait_until(lambda: any(job["error"] for job in admin.get(path).json()["data"]), what="HeyGen refused")
        said += [one.content for one in knocks] + [admin.get(path).content]
        said += [admin.get(f"/api/v1/events/{event.json()['event_id']}").content, read_all(admin)]
    commands = [service.command(*words) for words in (("config",), ("doctor",))]
    files = {name: (service.folder / name).read_bytes() for name in ("reelhook.db", "reelhook.db-wal")}
    service.stop()
    said += [(one.stdout + one.stderr).encode() for one in commands]
    assert len(files["reelhook.db"] + files["reelhook.db-wal"]) > 100_000
    for place, text in {"an answer": b"\n".join(said), "the log": service.log.encode(), **files}.items():
        for secret in (MARK, key, session):
            found = text.find(secret)
            assert found < 0, (place, text[max(0, found - 300) : found + 100])


def read_all(admin: httpx.Client) -> bytes:
    """Every answer to a GET that needs no id, and its errors too."""
    paths = admin.get("/openapi.json").json()["paths"]
    plain = [
        path for path, methods in paths.items() if "get" in methods and "{" not in path and path != "/api/v1/stream"
    ]
    assert len(plain) > 15
    answers = []
    for path in [*plain, "/readyz", "/metrics", "/docs", "/"]:
        with suppress(httpx.TimeoutException):
            answers += [admin.get(path).content, admin.get(path, params={"cursor": "mark", "limit": "x"}).content]
    return b"\n".join(answers)
