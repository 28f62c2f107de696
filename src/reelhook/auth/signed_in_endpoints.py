"""Where people are signed in: `/api/v1/me/sessions` for oneself, `/api/v1/people/{id}/sessions` for admins."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from sqlalchemy import Row

from reelhook.auth.devices import device
from reelhook.auth.principal import Principal
from reelhook.auth.requires import requires
from reelhook.auth.shapes import Shown
from reelhook.auth.signed_in import SignedInPlaces
from reelhook.auth.site import Site
from reelhook.kit.pages import Listing, Page, page
from reelhook.kit.times import Time

Me = Annotated[Principal, Depends(requires("me"))]
Changing = Annotated[Principal, Depends(requires("people:write"))]
Wanted = Annotated[Page, Depends(page)]


class ShownSession(Shown):
    id: str
    device: str
    remote: str | None
    created_at: Time
    last_seen_at: Time
    expires_at: Time
    current: bool


class Ended(Shown):
    ended: int


def router(places: SignedInPlaces, site: Site) -> APIRouter:
    """`GET`, `DELETE /me/sessions`, `DELETE /me/sessions/{id}`, `GET`, `DELETE /people/{id}/sessions`."""
    routes = APIRouter(prefix="/api/v1", tags=["me"])

    @routes.get("/me/sessions")
    async def list_my_sessions(me: Me, wanted: Wanted) -> Listing[ShownSession]:
        """Where I am signed in, newest first. `current` is the one that asks. A key is signed in nowhere."""
        return _listing(await places.entries(me.id, wanted), wanted, me.session)

    @routes.delete("/me/sessions")
    async def end_my_other_sessions(request: Request, me: Me) -> Ended:
        """Sign me out everywhere but here."""
        return Ended(ended=await places.end_others(me, remote=site.remote(request.scope)))

    @routes.delete("/me/sessions/{session_id}", status_code=204)
    async def end_my_session(session_id: str, request: Request, me: Me) -> None:
        """Sign me out there, at once: its streams end too."""
        await places.end_one(me, session_id, remote=site.remote(request.scope))

    @routes.get("/people/{person_id}/sessions", tags=["access"], dependencies=[Depends(requires("people:read"))])
    async def list_sessions(person_id: str, wanted: Wanted) -> Listing[ShownSession]:
        """Where this person is signed in."""
        return _listing(await places.entries(person_id, wanted), wanted, None)

    @routes.delete("/people/{person_id}/sessions", tags=["access"])
    async def end_sessions(person_id: str, request: Request, by: Changing) -> Ended:
        """Sign this person out everywhere, at once."""
        return Ended(ended=await places.end_all(by, person_id, remote=site.remote(request.scope)))

    return routes


def _listing(rows: Any, wanted: Page, current: str | None) -> Listing[ShownSession]:
    return wanted.listing([_shown(row, current) for row in rows], lambda session: session.id)


def _shown(row: Row[Any], current: str | None) -> ShownSession:
    return ShownSession(**row._mapping, device=device(row.user_agent), current=row.token_hash == current)
