"""What the control APIs of both simulators share: JSON in and out, for programs on the same machine only."""

from collections.abc import Awaitable, Callable, Sequence
from ipaddress import ip_address
from typing import Any

import orjson
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from reelhook.simulators.records import RecordError

Endpoint = Callable[[Request], Awaitable[Response]]


def json(data: object, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """*data* as a JSON answer; dataclasses are objects."""
    return Response(orjson.dumps(data), status, headers, media_type="application/json")


async def json_body(request: Request) -> Any:
    """The request's body; an empty one is an empty object. Raises RecordError when it is no JSON."""
    body = await request.body()
    try:
        return orjson.loads(body or b"{}")
    except orjson.JSONDecodeError as error:
        raise RecordError(f"the body is no JSON: {error}") from error


class LoopbackOnly:
    """Refuses clients on other machines."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not ip_address(scope["client"][0]).is_loopback:
            await json({"error": "the control API answers this machine only"}, 403)(scope, receive, send)
            return
        await self._app(scope, receive, send)


def control_mount(routes: Sequence[BaseRoute]) -> Mount:
    """*routes* under `/_control`."""
    return Mount("/_control", routes=routes, middleware=[Middleware(LoopbackOnly)])


async def refuse_record(_: Request, error: Exception) -> Response:
    """The answer to a RecordError, for Starlette's `exception_handlers`."""
    return json({"error": str(error)}, 400)


CONTROL_ERRORS: dict[Any, Any] = {RecordError: refuse_record}
