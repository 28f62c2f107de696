"""One wide line for each request of the API and the pages, its count, and the id by which it is found again.

The front door counts and writes its own lines, and so does a live stream when it ends.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import orjson
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reelhook import logs, metrics
from reelhook.auth import Principal
from reelhook.kit.clock import Clock
from reelhook.kit.headed import REQUEST_ID, Headed
from reelhook.kit.ids import Ids
from reelhook.kit.problem import MEDIA_TYPE
from reelhook.units import IDS, RequestAnswered, ms

log = logs.get("api")

DOOR = "/webhooks/heygen"
STREAM = "/api/v1/stream"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
# What a client may call its request: nothing that could be more than a name.
GIVEN = re.compile(r"[A-Za-z0-9._:-]{1,64}")
# Comes by itself, again and again.
QUIET = ("/healthz", "/readyz", "/metrics", "/assets/")
# Of what was refused before it was routed, or has no routes, only the root is known.
ROOTS = ("/api/", "/media/", "/unsubscribe/", "/webhooks/", "/assets/", "/docs")


class RequestLines:
    """Plain ASGI, around everything. To an open stream it adds one small object."""

    def __init__(self, app: ASGIApp, clock: Clock, ids: Ids) -> None:
        self._app, self._clock, self._ids = app, clock, ids

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """No coroutine of its own for streams and the front door."""
        if scope["type"] != "http" or _is_door(scope["path"]):
            return self._app(scope, receive, send)
        given = Headers(scope=scope).get("x-request-id", "")
        answer = _Answer(send, given if GIVEN.fullmatch(given) else self._ids.new(), scope, self._clock)
        if scope["path"] == STREAM:
            return self._app(scope, receive, answer)
        return self._watched(scope, receive, answer)

    async def _watched(self, scope: Scope, receive: Receive, answer: "_Answer") -> None:
        with logs.unit(request_id=answer.request_id):
            try:
                await self._app(scope, receive, answer)
            finally:
                answer.told(cut=True)


class _Answer(Headed):
    """Sends an answer on, and tells of it once its last byte is sent."""

    __slots__ = ("_bytes", "_clock", "_problem", "_scope", "_started", "_status", "_told", "request_id")

    def __init__(self, own: Send, request_id: str, scope: Scope, clock: Clock) -> None:
        super().__init__(own, ((REQUEST_ID, request_id.encode()),))
        self.request_id, self._scope, self._clock = request_id, scope, clock
        self._started, self._status, self._bytes, self._told = clock.monotonic(), 0, 0, False
        self._problem: bytes | None = None

    async def __call__(self, message: Message) -> None:
        await super().__call__(message)
        if message["type"] == "http.response.start":
            self._status = message["status"]
            self._count()
            if (b"content-type", MEDIA_TYPE.encode()) in message.get("headers", ()):
                self._problem = b""
            return
        body = message.get("body", b"")
        self._bytes += len(body)
        if self._problem is not None:
            self._problem += body
        if not message.get("more_body", False):
            self.told()

    def _count(self) -> None:
        asked, method = route(self._scope), self._scope["method"]
        metrics.REQUESTS.labels(asked, method if method in METHODS else "other", self._status).inc()
        metrics.REQUEST_SECONDS.labels(asked).observe(self._clock.monotonic() - self._started)

    def told(self, *, cut: bool | None = None) -> None:
        """Write the line, once."""
        if self._told:
            return
        self._told = True
        scope, asked = self._scope, route(self._scope)
        logs.about(**{name: value for name, value in scope.get("path_params", {}).items() if name in IDS})
        principal: Principal | None = scope.get("state", {}).get("principal")
        line = RequestAnswered(
            request_id=self.request_id,
            method=scope["method"],
            route=asked,
            status=self._status,
            code=_code(self._problem),
            **(principal.in_lines if principal else {}),
            bytes=self._bytes,
            ms=ms(self._clock.monotonic() - self._started),
            cut=cut,
        )
        line.write(_level(self._status, asked))


def _is_door(path: str) -> bool:
    return path == DOOR or path.startswith(f"{DOOR}/callback/")


def route(scope: Scope) -> str:
    """The template that *scope* was routed to, such as `/api/v1/videos/{video_id}`: there are few, whatever is asked.

    A router is told its own part of it alone; what stands before that has no parameters.
    """
    path: str = scope["path"]
    found = getattr(scope.get("route"), "path", None)
    if found is None:
        return STREAM if path == STREAM else next((f"{root}*" for root in ROOTS if path.startswith(root)), "page")
    before = path.split("/")[: -found.count("/")]
    return "/".join(before) + str(found)


def _level(status: int, asked: str) -> Callable[..., Any]:
    if not 0 < status < 500:
        return log.warning
    return log.debug if status < 400 and asked.startswith(QUIET) else log.info


def _code(problem: bytes | None) -> str | None:
    if not problem:
        return None
    said: Mapping[str, Any] = orjson.loads(problem)
    return said.get("code")
