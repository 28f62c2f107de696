"""The Cloudinary simulator as an ASGI application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reelhook.simulators.cloudinary.account import Account
from reelhook.simulators.cloudinary.admin import Admin
from reelhook.simulators.cloudinary.control import Control
from reelhook.simulators.cloudinary.delivery import Delivery
from reelhook.simulators.cloudinary.eager import Eager
from reelhook.simulators.cloudinary.errors import CloudinaryError, refuse
from reelhook.simulators.cloudinary.form import FormError
from reelhook.simulators.cloudinary.uploads import Uploads
from reelhook.simulators.control import CONTROL_ERRORS, control_mount


def create_app(account: Account) -> Starlette:
    """The APIs, the delivery host and the control API of *account*."""
    eager = Eager(account)
    upload = Uploads(account, eager).upload
    routes = [
        control_mount(Control(account).routes()),
        Route("/v1_1/{cloud}/{kind}/upload", upload, methods=["POST"]),
        Route("/v1_1/{cloud}/{kind}/upload_chunked", upload, methods=["POST"]),
        Route("/v1_1/{cloud}/upload", upload, methods=["POST"]),
        *Admin(account, eager).routes(),
        *Delivery(account).routes(),
    ]

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await account.close()

    return Starlette(
        routes=routes,
        middleware=[Middleware(RequestIds)],
        exception_handlers={CloudinaryError: refuse, FormError: _refuse_form, **CONTROL_ERRORS},
        lifespan=lifespan,
    )


class RequestIds:
    """ASGI middleware: every answer has an `x-request-id`."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"x-request-id", uuid4().hex.encode())]
            await send(message)

        await self._app(scope, receive, send_with_id)


async def _refuse_form(_: Request, error: Exception) -> Response:
    return CloudinaryError(400, f"Invalid request: {error}").response()
