"""What the control APIs of both simulators share: JSON in and out, for programs on the same machine only."""

from collections.abc import Awaitable, Callable, Sequence
from ipaddress import ip_address
from typing import Any, Generic, Protocol, TypeVar

import orjson
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from reelhook.simulators.faults import Fault, Faults
from reelhook.simulators.records import RecordError, changed, record
from reelhook.simulators.tasks import Tasks

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


class Steered(Protocol):
    """The state behind all routes of a simulator."""

    settings: Any
    faults: Faults
    tasks: Tasks

    async def reset(self) -> None:
        """As it was at the start; what is under way ends."""


A = TypeVar("A", bound=Steered)


class Control(Generic[A]):
    """The routes by which a test or the demo steers a simulator."""

    def __init__(self, account: A) -> None:
        self._account = account

    def routes(self) -> list[Route]:
        return [
            Route("/settings", self.settings, methods=["GET", "PATCH"]),
            Route("/faults", self.faults, methods=["GET", "POST", "DELETE"]),
            Route("/idle", self.idle),
            Route("/reset", self.reset, methods=["POST"]),
        ]

    async def settings(self, request: Request) -> Response:
        """GET: as they are. PATCH: change those that are named."""
        if request.method == "PATCH":
            changed(self._account.settings, await json_body(request))
        return json(self._account.settings)

    async def faults(self, request: Request) -> Response:
        """POST one Fault: it is armed; DELETE disarms all; both and GET list what is armed."""
        faults = self._account.faults
        if request.method == "DELETE":
            faults.clear()
        if request.method == "POST":
            faults.add(record(Fault, await json_body(request)))
        return json({"faults": faults.armed})

    async def idle(self, _: Request) -> Response:
        """Whether nothing is under way."""
        return json({"idle": self._account.tasks.idle})

    async def reset(self, _: Request) -> Response:
        """Forget everything, settings and faults too."""
        await self._account.reset()
        return json({})


def control_mount(routes: Sequence[BaseRoute]) -> Mount:
    """*routes* under `/_control`."""
    return Mount("/_control", routes=routes, middleware=[Middleware(LoopbackOnly)])


async def refuse_record(_: Request, error: Exception) -> Response:
    """The answer to a RecordError, for Starlette's `exception_handlers`."""
    return json({"error": str(error)}, 400)


CONTROL_ERRORS: dict[Any, Any] = {RecordError: refuse_record}
