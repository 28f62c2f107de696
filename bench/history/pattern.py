"""Ten deliveries as they come to a service in a minute, and that service, which applies and archives them.

Two videos are made, one of them with a GIF and captions; one fails; five events move no video, and one comes twice.
"""

import asyncio
import hmac
import json
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from secrets import token_hex
from typing import Any

from starlette.types import Message

from bench.kit.servers import SECRET
from reelhook import simulators
from reelhook.app import Service
from reelhook.db.tables import jobs
from reelhook.jobs.kinds import ApplyEvents, ArchiveAsset
from reelhook.kit.clock import SystemClock
from reelhook.settings import Settings

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
"""When all of a history is over; a service that is asked about one believes that it is just then."""
EVENTS = 10
DONE_S = 60.0
UNMOVING = ("photo_avatar_generation", "photo_avatar_train", "instant_avatar", "live_avatar")
MEDIA = Path(simulators.__file__).parent / "media"
TYPES = {".mp4": "video/mp4", ".gif": "image/gif", ".vtt": "text/vtt"}


class Since(SystemClock):
    """A clock that showed *then* when it was made."""

    def __init__(self, then: datetime = NOW) -> None:
        self._ahead = then - datetime.now(UTC)

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead


@dataclass(frozen=True)
class HeyGen:
    """What HeyGen sends to *service*; its files can be had at *base*."""

    service: Service
    base: str

    async def pattern(self) -> None:
        """Deliver all of it, one after the other, and wait until there is nothing left to do."""
        film, other, failed = token_hex(16), token_hex(16), token_hex(16)
        ids = {"video_id": film, "callback_id": None}
        pages = {"video_page_url": f"https://app.heygen.com/videos/{film}", "folder_id": None}
        gif = {"gif_download_url": self._link(film, ".gif")}
        await self.deliver("avatar_video.success", ids | {"url": self._link(film, ".mp4")} | pages, times=2)
        await self.deliver("avatar_video_gif.success", ids | gif | pages)
        await self.deliver("avatar_video_caption.success", ids | {"caption_url": self._link(film, ".vtt")})
        made = {"session_id": token_hex(16), "video_id": other, "title": "Welcome to the team", "callback_id": None}
        await self.deliver("video_agent.success", made | {"url": self._link(other, ".mp4")})
        await self.deliver("avatar_video.fail", {"video_id": failed, "msg": "Rendering failed: no credit"})
        await self.deliver("live_avatar.success", {"session_id": token_hex(16)})
        for family in UNMOVING:
            await self.deliver(f"{family}.success", {"id": token_hex(16), "name": "Ada, who welcomes everybody"})

    async def rendering(self) -> None:
        """Tell of the GIF of a video that is still being rendered."""
        film = token_hex(16)
        await self.deliver("avatar_video_gif.success", {"video_id": film, "gif_download_url": self._link(film, ".gif")})

    async def deliver(self, event_type: str, data: dict[str, Any], *, times: int = 1) -> None:
        """Send it as often, signed, and wait until the service has done what it brings."""
        body = json.dumps({"event_type": event_type, "event_data": data}).encode()
        for _ in range(times):
            await post(self.service, body)
        async with asyncio.timeout(DONE_S):
            while await self.service.parts.db.read(lambda conn: conn.execute(OPEN).first()):  # noqa: ASYNC110
                await asyncio.sleep(0.01)

    def _link(self, name: str, suffix: str) -> str:
        return f"{self.base}/{name}{suffix}?Expires=1780400000&Signature=ssssssssssssssss"


KINDS = (ApplyEvents.kind, ArchiveAsset.kind)
"""The work that deliveries bring; the rest comes round by itself."""
OPEN = jobs.select().where(jobs.c.state.in_(("available", "retryable", "running")), jobs.c.kind.in_(KINDS))
PLENTY = 1_000_000_000  # rows that may be kept, so that retention finds nothing to delete


async def post(service: Service, body: bytes) -> bytes:
    """Deliver *body* at the front door, signed; returns the answer's body."""
    signature = hmac.digest(SECRET.encode(), body, "sha256").hex().encode()
    headers = [(b"host", b"reelhook.example.com"), (b"user-agent", b"Go-http-client/2.0")]
    headers += [(b"content-type", b"application/json"), (b"signature", signature)]
    scope = {"type": "http", "method": "POST", "path": "/webhooks/heygen", "query_string": b"", "headers": headers}
    answer: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        answer.append(message)

    await service.asgi({**scope, "scheme": "http", "client": ("192.0.2.1", 1), "http_version": "1.1"}, receive, send)
    assert answer[0]["status"] == 200, answer
    return bytes(answer[1]["body"])


@asynccontextmanager
async def running(database: Path, *, works: bool = False, since: datetime = NOW) -> AsyncIterator[HeyGen]:
    """A service on *database*, in this process and by its clock, inside this block; with *works* it does jobs, too."""
    with _files() as base:
        config = Settings(
            database_url=f"sqlite:///{database}",
            stores=f"local:{database.parent / 'media'}",
            heygen_webhook_secrets=SECRET,
            secret_key="k" * 43,
            fetch_allow=base.removeprefix("http://"),
            most_events=PLENTY,
            most_updates=PLENTY,
        )
        service = Service(config, clock=Since(since), works=works, serves=False)
        service.start()
        await service.opened.wait()
        try:
            yield HeyGen(service, base)
        finally:
            await service.stop()


class _File(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        suffix = Path(self.path.partition("?")[0]).suffix
        content = (MEDIA / f"quarter{suffix}").read_bytes()
        self.send_response(200)
        self.send_header("content-type", TYPES[suffix])
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def _files() -> Iterator[str]:
    """Where the files are, of which links tell."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _File) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
