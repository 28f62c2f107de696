"""The JSON API as one FastAPI app, and the plain paths beside it."""

from collections.abc import Awaitable, Mapping
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.telemetry import TelemetryConfig
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reelhook import __version__, logs, openapi, tracing
from reelhook.errors import ReelhookError
from reelhook.kit import problem

log = logs.get("api")
# FastAPI's would tell messages and tracebacks as they are, to whoever the environment names.
NONE_OF_ITS_OWN: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False, "auto_configure": False}
# What belongs to the API; everything else is a page of the dashboard.
API_ROOTS = ("/api/", "/healthz", "/readyz", "/metrics", "/openapi.json", "/media/")
OPERATIONS = ("/healthz", "/readyz", "/metrics")
# Answers that hold secrets, or what was kept raw of other people's requests, among it links and signatures of HeyGen,
# next to words that somebody else may have chosen: never stored, and never compressed.
SECRET_ROOTS = (
    "/api/v1/session",
    "/api/v1/me",
    "/api/v1/keys",
    "/api/v1/people",
    "/api/v1/audit",
    "/api/v1/stream-tokens",
    "/api/v1/webhook-endpoints",
    "/api/v1/webhook-secrets",
    "/api/v1/secrets",
    "/api/v1/subscription-endpoints",
    "/api/v1/events/",
    "/api/v1/rejections",
    "/api/v1/signature-check",
)


def cache_control(path: str) -> str:
    """How an answer of the API may be kept. `no-cache` means: kept, and asked for again each time, by its ETag."""
    if path == "/openapi.json":
        return "public, no-cache"  # the same for everybody
    if path.startswith("/api/") and not path.startswith(SECRET_ROOTS):
        return "private, no-cache"
    return "no-store"


def create_api(*routers: APIRouter) -> FastAPI:
    """The API with all its routers. Every error is a problem document (RFC 9457) with a stable code."""
    api = FastAPI(
        title="Reelhook",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry=NONE_OF_ITS_OWN,
        # As they are: of a router that is included, FastAPI builds every route once more, at the first request.
        routes=[route for router in routers for route in router.routes],
    )
    api.add_exception_handler(ReelhookError, _ours)
    api.add_exception_handler(RequestValidationError, _invalid)
    api.add_exception_handler(HTTPException, _http)
    api.add_exception_handler(Exception, _unexpected)
    api.openapi = lambda: openapi.document(api)  # type: ignore[method-assign]
    return api


class Traced:
    """Plain ASGI. Each request of the API is a span, in the trace that who asks names, if we know who that is."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        method, known = scope["method"], scope.get("state", {}).get("principal") is not None
        if not scope["path"].startswith("/api/"):  # those that look after us ask again and again
            await self._app(scope, receive, send)
            return

        async def noted(message: Message) -> None:
            if message["type"] == "http.response.start":
                tracing.note(status=message["status"])
            await send(message)

        after = Headers(scope=scope).get("traceparent") if known else None
        with tracing.span(method, "server", after=after, about={"method": method}):
            await self._app(scope, receive, noted)
            if (route := getattr(scope.get("route"), "path", None)) is not None:
                tracing.rename(f"{method} {route}")
                tracing.note(route=route)


class Paths:
    """Sends each request to its app: an exact path, else the longest root, else the dashboard."""

    def __init__(self, exact: Mapping[str, ASGIApp], roots: Mapping[str, ASGIApp], api: ASGIApp, rest: ASGIApp) -> None:
        self._exact, self._roots, self._api, self._rest = dict(exact), dict(roots), api, rest

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """No coroutine of its own: of each open stream it would be kept for hours."""
        return self._app(scope["path"])(scope, receive, send)

    def _app(self, path: str) -> ASGIApp:
        if path in self._exact:
            return self._exact[path]
        for root, app in self._roots.items():
            if path.startswith(root):
                return app
        return self._api if path.startswith(API_ROOTS) else self._rest


class Operations:
    """Of *app* only what machines ask a process about itself; everything else is not found."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] in OPERATIONS:
            await self._app(scope, receive, send)
        else:
            head = scope["method"] == "HEAD"
            await problem.answer(send, 404, "not_found", "a worker has no such page", head=head)


def _problem(status: int, code: str, detail: str, headers: Mapping[str, str] | None = None, **extra: Any) -> Response:
    content = problem.body(status, code, logs.mask(detail), **extra)
    return Response(content, status, headers, problem.MEDIA_TYPE)


async def _ours(request: Request, error: Exception) -> Response:
    assert isinstance(error, ReelhookError)
    headers = error.headers
    if error.status == 401:
        headers["www-authenticate"] = "Bearer"
    if error.status >= 500:
        tracing.fail(error.code)
    else:  # who asked was wrong, and not we
        tracing.note(error=error.code)
    return _problem(error.status, error.code, error.message, headers, **error.extra)


async def _invalid(request: Request, error: Exception) -> Response:
    """The first fault in words, all of them with their path."""
    assert isinstance(error, RequestValidationError)
    faults = [{"path": ".".join(map(str, fault["loc"])), "message": fault["msg"]} for fault in error.errors()]
    detail = f"{faults[0]['path']}: {faults[0]['message']}" if faults else "the request is not valid"
    return _problem(422, "wrong_input", detail, faults=faults)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    usual = {404: "not_found", 405: "method_not_allowed"}.get(error.status_code, "http_error")
    return _problem(error.status_code, getattr(error, "code", usual), str(error.detail), error.headers)


async def _unexpected(request: Request, error: Exception) -> Response:
    log.error("request.crashed", method=request.method, path=request.url.path, exc_info=error)
    return _problem(500, "internal_error", "something went wrong inside; the log has the details")
