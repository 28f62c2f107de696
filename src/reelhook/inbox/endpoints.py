"""`/api/v1/events` and `/api/v1/rejections`."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends

from reelhook.auth import requires
from reelhook.db import Database
from reelhook.inbox import queries
from reelhook.kit.pages import Page, page

At = Annotated[Page, Depends(page)]


def router(db: Database) -> APIRouter:
    """The routes, given the database."""
    routes = APIRouter(prefix="/api/v1", tags=["events"])

    @routes.get("/events", dependencies=[Depends(requires("events:read"))])
    async def list_events(
        at: At, video_id: str | None = None, type: str | None = None, state: str | None = None
    ) -> dict[str, Any]:
        """Events, newest first."""
        return await db.read(lambda conn: queries.listing(conn, at, video_id=video_id, type_=type, state=state))

    @routes.get("/events/{event_id}", dependencies=[Depends(requires("events:read"))])
    async def event(event_id: str) -> dict[str, Any]:
        """One event: raw body, headers, every delivery, and what came of it."""
        return await db.read(lambda conn: queries.detail(conn, event_id))

    @routes.get("/rejections", dependencies=[Depends(requires("rejections:read"))])
    async def list_rejections(at: At, reason: str | None = None) -> dict[str, Any]:
        """What was refused and why, newest first."""
        return await db.read(lambda conn: queries.refused(conn, at, reason=reason))

    return routes
