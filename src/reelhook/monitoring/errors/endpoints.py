"""`/api/v1/errors`: what went wrong, by what and where, and whether it is mended."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import AfterValidator

from reelhook.auth import Principal, requires
from reelhook.db import Database
from reelhook.kit.pages import Page, page
from reelhook.kit.text import storable
from reelhook.monitoring.errors import records
from reelhook.monitoring.errors.acts import ErrorActs
from reelhook.monitoring.errors.records import State

Reader = Depends(requires("monitoring:read"))
Writer = Annotated[Principal, Depends(requires("monitoring:write"))]
# As it can be looked for: Postgres refuses some characters that a client may send.
Text = Annotated[str, AfterValidator(storable)]


def router(db: Database, acts: ErrorActs) -> APIRouter:
    """The routes, given what does the work."""
    routes = APIRouter(prefix="/api/v1/errors", tags=["operations"])

    @routes.get("", dependencies=[Reader])
    async def list_errors(
        at: Annotated[Page, Depends(page)],
        state: State | None = None,
        code: Text | None = None,
        place: Text | None = None,
        unexpected: bool | None = None,
    ) -> dict[str, Any]:
        """Errors by code and place; what happened last comes first. Attempts at jobs are not `unexpected`."""
        which: dict[str, Any] = {"state": state, "code": code, "place": place, "unexpected": unexpected}
        return await db.read(lambda conn: records.listing(conn, at, **which))

    @routes.get("/{error_id}", dependencies=[Reader])
    async def detail(error_id: Text) -> dict[str, Any]:
        """One of them, with its traceback, and what it hit the last few times."""
        return await db.read(lambda conn: records.detail(conn, error_id))

    @routes.post("/{error_id}/resolve")
    async def resolve(error_id: Text, by: Writer) -> dict[str, Any]:
        """Say that its cause is mended. When it happens again it is open again."""
        return await acts.resolve(by, error_id)

    @routes.post("/{error_id}/reopen")
    async def reopen(error_id: Text, by: Writer) -> dict[str, Any]:
        """Say that it is not mended after all."""
        return await acts.reopen(by, error_id)

    return routes
