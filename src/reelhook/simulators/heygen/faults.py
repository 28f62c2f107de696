"""What can go wrong at HeyGen, beyond what a plan says.

`on: "media"` strikes downloads; the subject is `VIDEO_ID/FILE` (the file is `video`, `captioned`, `gif`, `thumbnail`,
`subtitle` or `vtt`). `on: "api"` strikes calls; the subject is `METHOD /path`.
"""

import asyncio
from collections.abc import MutableMapping
from typing import Any

from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from reelhook.simulators.connection import HangUp
from reelhook.simulators.faults import Fault, Faults
from reelhook.simulators.heygen.errors import ApiError

KINDS = {
    "media": frozenset({
        "forbidden",  # 403, though the link is good
        "not_found",  # 404, as a CDN that has not caught up
        "server_error",  # 503
        "slow",  # `bytes_per_s`
        "drop",  # the line goes dead after `bytes`
        "truncated",  # complete by its own Content-Length, but `bytes` short
        "html",  # 200 with a page instead of the file
        "text",  # 200 with a text instead of it
        "wrong_type",  # the right bytes as text/plain
        "empty",  # 200 with nothing
        "redirect",  # to `url`
        "redirect_loop",
        "delay",  # `seconds` before the first byte
    }),
    "api": frozenset({
        "delay",  # `seconds`, then as usual
        "drop_before",  # hangs up before anything is done
        "drop_after",  # does it, then hangs up: the outcome is unknown to the client
        "rate_limited",  # 429, Retry-After: `seconds`
        "server_error",  # 500
        "bad_gateway",  # 502 with a page
        "unavailable",  # 503, Retry-After: `seconds`
    }),
}  # fmt: skip


class FaultyApi:
    """ASGI middleware: the API, with the faults that are armed for it."""

    def __init__(self, app: ASGIApp, faults: Faults) -> None:
        self._app, self._faults = app, faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        fault = None
        if scope["type"] == "http" and scope["path"].startswith(("/v1/", "/v3/")):
            fault = self._faults.take("api", f"{scope['method']} {scope['path']}")
        if fault is None:
            await self._app(scope, receive, send)
        elif fault.kind == "delay":
            await asyncio.sleep(fault.seconds)
            await self._app(scope, receive, send)
        else:
            if fault.kind == "drop_after":
                await self._app(scope, receive, _nowhere)
            await _answer(fault)(scope, receive, send)


async def _nowhere(message: MutableMapping[str, Any]) -> None:
    """Where an answer goes that nobody shall see."""


def _answer(fault: Fault) -> Response:
    wait = {"Retry-After": str(round(fault.seconds))} if fault.seconds else {}
    match fault.kind:
        case "rate_limited":
            return rate_limited(round(fault.seconds)).response()
        case "server_error":
            return ApiError(500, "internal_error", "Internal server error").response()
        case "unavailable":
            return ApiError(503, "internal_error", "Service unavailable", headers=wait).response()
        case "bad_gateway":
            return HTMLResponse("<html><body><h1>502 Bad Gateway</h1></body></html>", 502)
        case _:
            return HangUp()


def rate_limited(retry_after_s: int) -> ApiError:
    """429, in the words of HeyGen's OpenAPI document."""
    message = "Too many requests. Retry after the duration specified in the Retry-After header."
    return ApiError(429, "rate_limit_exceeded", message, headers={"Retry-After": str(retry_after_s)})
