"""`/api/v1/notification-settings`: what holds for everybody."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import Field

from reelhook.auth import Principal, requires
from reelhook.auth.shapes import Body
from reelhook.notify.kinds import Kind, Personal, Way
from reelhook.notify.workspace import WorkspaceSettings

By = Annotated[Principal, Depends(requires("settings"))]


class Chosen(Body):
    """*locked*: ways that people cannot change. *critical*: kinds that they cannot mute, in quiet hours neither."""

    kinds: dict[Kind, dict[Way, bool]]
    locked: dict[Kind, Annotated[list[Personal], Field(max_length=20)]]
    critical: Annotated[list[Kind], Field(max_length=20)]


def router(settings: WorkspaceSettings) -> APIRouter:
    """`GET` and `PUT`."""
    routes = APIRouter(prefix="/api/v1/notification-settings", tags=["notifications"])

    @routes.get("")
    async def show(by: By) -> dict[str, Any]:
        """What people hear of, by which ways, unless they choose otherwise."""
        return await settings.read()

    @routes.put("")
    async def change(body: Chosen, by: By) -> dict[str, Any]:
        """All of it at once."""
        return await settings.change(by, body.kinds, body.locked, body.critical)  # type: ignore[arg-type]

    return routes
