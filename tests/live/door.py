"""The door at the public address during a live test: it writes down every webhook that comes, and lets it in.

It may refuse the first copies of one delivery, to see what HeyGen does then.
"""

import json
import socket
import threading
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2 as httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from tests.processes import wait_until

HOOKS = "/webhooks/"
REDIRECTED = "redirected=1"
SUBJECT = "avatar_video.success"
"""Whose first copies may be refused."""
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
LIMIT_S = 60
# What each of two connections says for itself alone, or what we say anew.
OF_ONE_CONNECTION = {"connection", "keep-alive", "transfer-encoding", "date", "server", "x-forwarded-for"}


@dataclass
class Visit:
    """One request to a webhook address: when (Unix seconds), from where, what, and how it was answered."""

    at: float
    method: str
    path: str
    remote: str
    headers: list[tuple[str, str]]
    body: bytes
    status: int | None = None
    seconds: float = 0.0

    def header(self, name: str) -> str | None:
        return next((value for own, value in self.headers if own.lower() == name), None)

    @property
    def parsed(self) -> Any:
        """The body as JSON; None for anything else."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    @property
    def event(self) -> dict[str, Any]:
        return self.parsed if isinstance(self.parsed, dict) else {}

    @property
    def event_type(self) -> str:
        return str(self.event.get("event_type", ""))

    @property
    def video_id(self) -> str | None:
        data = self.event.get("event_data")
        return data.get("video_id") if isinstance(data, dict) else None


@dataclass
class Door:
    """What came, in order. *watched*: the video of which the first copies are answered with *answers*, one each."""

    service: str
    answers: list[int] = field(default_factory=list)
    watched: str | None = None
    visits: list[Visit] = field(default_factory=list)
    port: int = 0

    def enter(self, visit: Visit) -> int | None:
        """Write *visit* down; the status that answers it in place of the service, if any."""
        self.visits.append(visit)
        is_subject = visit.method == "POST" and visit.event_type == SUBJECT
        if is_subject and self.watched is not None and visit.video_id == self.watched and self.answers:
            return self.answers.pop(0)
        return None


class _Way:
    """The way through the door, for one request after the other."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._client = httpx.AsyncClient(base_url=door.service, timeout=LIMIT_S)

    @asynccontextmanager
    async def lifespan(self, _: Starlette) -> AsyncGenerator[None]:
        async with self._client:
            yield

    async def take(self, request: Request) -> Response:
        began, body = time.time(), await request.body()
        remote = request.client.host if request.client else ""
        path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        if not path.startswith(HOOKS):
            return await self._let_in(request, path, body, remote)
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers.raw]
        visit = Visit(began, request.method, path, remote, headers, body)
        refused = self._door.enter(visit)
        answer = await self._let_in(request, path, body, remote) if refused is None else _refusal(refused, path)
        visit.status, visit.seconds = answer.status_code, time.time() - began
        return answer

    async def _let_in(self, request: Request, path: str, body: bytes, remote: str) -> Response:
        """Ask the service, and pass its answer on as it comes."""
        sent = [(name, value) for name, value in request.headers.items() if name not in OF_ONE_CONNECTION]
        before = request.headers.get("x-forwarded-for")
        sent.append(("x-forwarded-for", f"{before}, {remote}" if before else remote))
        asked = self._client.build_request(request.method, path, headers=sent, content=body)
        answer = await self._client.send(asked, stream=True)
        kept = {name: value for name, value in answer.headers.items() if name not in OF_ONE_CONNECTION}
        return StreamingResponse(_bytes(answer), answer.status_code, kept)


def _refusal(status: int, path: str) -> Response:
    away = {"Location": f"{path}?{REDIRECTED}"} if 300 <= status < 400 else {}
    return Response(status_code=status, headers=away)


async def _bytes(answer: httpx.Response) -> AsyncIterator[bytes]:
    try:
        async for chunk in answer.aiter_raw():
            yield chunk
    finally:
        await answer.aclose()


@contextmanager
def standing(host: str, port: int, service: str, answers: Sequence[int]) -> Iterator[Door]:
    """A door at *host* and *port* (0: any free one) before *service*, inside this block."""
    with socket.create_server((host, port)) as listener:
        door = Door(service, list(answers), port=int(listener.getsockname()[1]))
        way = _Way(door)
        app = Starlette(routes=[Route("/{path:path}", way.take, methods=METHODS)], lifespan=way.lifespan)
        server = uvicorn.Server(
            uvicorn.Config(app, log_config=None, access_log=False, proxy_headers=False, timeout_graceful_shutdown=1)
        )
        thread = threading.Thread(target=server.run, args=([listener],), name="door")
        thread.start()
        try:
            wait_until(lambda: server.started, what="the door")
            yield door
        finally:
            server.should_exit = True
            thread.join()
