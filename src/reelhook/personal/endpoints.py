"""`/api/v1/me/export`, `/api/v1/me/erase`, and the same for admins below `/api/v1/people/{id}`."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import Field

from reelhook.auth import Access, Principal, requires
from reelhook.auth.passwords import LONGEST
from reelhook.auth.refusals import NotAPerson
from reelhook.auth.shapes import Body
from reelhook.db import Database
from reelhook.jobs import Queue
from reelhook.kit.clock import Clock
from reelhook.personal.erasure import Erasure, Videos
from reelhook.personal.export import Export

Me = Annotated[Principal, Depends(requires("me"))]
Reading = Annotated[Principal, Depends(requires("people:read"))]
Changing = Annotated[Principal, Depends(requires("people:write"))]
DOCUMENT: dict[int | str, dict[str, Any]] = {200: {"content": {"application/json": {"schema": {"type": "object"}}}}}
NO_PERSON: dict[int | str, dict[str, Any]] = {409: {"description": "A key is no person"}}


class EraseMe(Body):
    password: Annotated[str, Field(max_length=LONGEST)]
    videos: Videos


class ErasePerson(Body):
    email: Annotated[str, Field(max_length=320, description="Theirs, to be sure who is meant.")]
    videos: Videos


def router(db: Database, clock: Clock, queue: Queue, access: Access) -> APIRouter:
    """`GET /me/export`, `POST /me/erase`, `GET /people/{id}/export`, `POST /people/{id}/erase`."""
    routes = APIRouter(prefix="/api/v1", tags=["me"])
    export, erasure, site = Export(db, clock, access.audit), Erasure(db, clock, queue, access), access.site

    async def exported(by: Principal, person_id: str, request: Request) -> Response:
        pieces = await export.begin(by, person_id, site.remote(request.scope))
        name = f'attachment; filename="reelhook-{person_id}.json"'
        headers = {"cache-control": "no-store", "content-disposition": name}
        return StreamingResponse(pieces, media_type="application/json", headers=headers)

    @routes.get("/me/export", response_class=StreamingResponse, responses=DOCUMENT | NO_PERSON)
    async def export_me(me: Me, request: Request) -> Response:
        """Everything that is known about me, as one JSON document."""
        if me.kind != "person":
            raise NotAPerson("a key is no person: there is nothing to export")
        return await exported(me, me.id, request)

    @routes.post("/me/erase", status_code=204)
    async def erase_me(body: EraseMe, request: Request, response: Response, me: Me) -> None:
        """Erase me, for ever. `videos`: whether mine are deleted with their files, or kept without an owner."""
        await erasure.erase_me(me, body.password, body.videos, site.remote(request.scope))
        site.drop_session(response, request.scope)

    @routes.get("/people/{person_id}/export", tags=["access"], response_class=StreamingResponse, responses=DOCUMENT)
    async def export_person(person_id: str, request: Request, by: Reading) -> Response:
        """Everything that is known about this person, as one JSON document."""
        return await exported(by, person_id, request)

    @routes.post("/people/{person_id}/erase", status_code=204)
    async def erase_person(person_id: str, body: ErasePerson, request: Request, by: Changing) -> None:
        """Erase this person, for ever; `videos` as in `/me/erase`."""
        await erasure.erase(by, person_id, body.email, body.videos, site.remote(request.scope))

    return routes
