"""The HeyGen simulator as an ASGI application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response

from reelhook.simulators.control import CONTROL_ERRORS, control_mount, json
from reelhook.simulators.heygen.account import Account
from reelhook.simulators.heygen.catalogue import Catalogue
from reelhook.simulators.heygen.control import Control
from reelhook.simulators.heygen.endpoints import WebhookRoutes
from reelhook.simulators.heygen.errors import ApiError, refuse
from reelhook.simulators.heygen.faults import FaultyApi
from reelhook.simulators.heygen.jobs import Jobs
from reelhook.simulators.heygen.media import MediaHost
from reelhook.simulators.heygen.videos import Videos


def create_app(account: Account) -> Starlette:
    """The API, the asset host and the control API of *account*."""
    routes = [
        *Videos(account).routes(),
        *Catalogue(account).routes(),
        *Jobs(account).routes(),
        *WebhookRoutes(account).routes(),
        *MediaHost(account).routes(),
        control_mount(Control(account).routes()),
    ]

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await account.close()

    return Starlette(
        routes=routes,
        middleware=[Middleware(FaultyApi, faults=account.faults)],
        exception_handlers={ApiError: refuse, 404: _nothing_here, **CONTROL_ERRORS},
        lifespan=lifespan,
    )


async def _nothing_here(_: Request, error: Exception) -> Response:
    """Also what retired v1 and v2 routes answer (assumption)."""
    return json({"error": {"code": "not_found", "message": "Not Found"}}, 404)
