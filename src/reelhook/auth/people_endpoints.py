"""`/api/v1/people`: who may sign in, and as what."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field
from sqlalchemy import Row

from reelhook.auth.passwords import LONGEST
from reelhook.auth.people import People
from reelhook.auth.principal import Principal
from reelhook.auth.requires import requires
from reelhook.auth.roles import Role
from reelhook.auth.shapes import Body, Shown
from reelhook.auth.site import Site
from reelhook.kit.pages import Listing, Page, page
from reelhook.kit.times import Time

Changing = Annotated[Principal, Depends(requires("people:write"))]


class PersonRequest(Body):
    email: Annotated[str, Field(max_length=320)]
    role: Role
    password: Annotated[str, Field(max_length=LONGEST)] | None = None


class PersonChange(Body):
    role: Role | None = None
    disabled: bool | None = None


class ShownPerson(Shown):
    id: str
    email: str
    role: str
    has_password: bool
    created_at: Time
    disabled_at: Time | None


class ShownLink(Shown):
    token: str
    url: str | None


def router(people: People, site: Site) -> APIRouter:
    """`GET`, `POST /people`, `PATCH`, `DELETE /people/{id}`, `POST /people/{id}/sign-in-link`."""
    routes = APIRouter(prefix="/people", tags=["access"])

    @routes.get("", dependencies=[Depends(requires("people:read"))])
    async def list_people(wanted: Annotated[Page, Depends(page)]) -> Listing[ShownPerson]:
        """Everybody, disabled people too."""
        return wanted.listing([_shown(row) for row in await people.entries(wanted)], lambda person: person.id)

    @routes.post("", status_code=201)
    async def create_person(body: PersonRequest, request: Request, by: Changing) -> ShownPerson:
        """A new person. Without a password, give them a sign-in link; they can set one with it."""
        remote = site.remote(request.scope)
        return _shown(await people.create(by, body.email, body.role, body.password, remote=remote))

    @routes.patch("/{person_id}")
    async def change_person(person_id: str, body: PersonChange, request: Request, by: Changing) -> ShownPerson:
        """Change the role, disable, or enable again."""
        remote = site.remote(request.scope)
        return _shown(await people.change(by, person_id, role=body.role, disabled=body.disabled, remote=remote))

    @routes.delete("/{person_id}", status_code=204)
    async def disable_person(person_id: str, request: Request, by: Changing) -> None:
        """Disable: signed out everywhere at once. The row stays, for the audit log."""
        await people.change(by, person_id, disabled=True, remote=site.remote(request.scope))

    @routes.post("/{person_id}/sign-in-link", status_code=201)
    async def sign_in_link(person_id: str, request: Request, response: Response, by: Changing) -> ShownLink:
        """A link by which this person signs in, once, within 15 minutes."""
        token = await people.sign_in_link(by, person_id, remote=site.remote(request.scope))
        response.headers["cache-control"] = "no-store"
        # After the #, so that the token reaches no log of a server or proxy.
        return ShownLink(token=token, url=f"{site.public_url}/sign-in#link={token}" if site.public_url else None)

    return routes


def _shown(row: Row[Any]) -> ShownPerson:
    return ShownPerson(**row._mapping, has_password=row.password_hash is not None)
