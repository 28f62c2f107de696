"""`/api/v1/people`: who may sign in, and as what."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field
from sqlalchemy import Row

from reelhook.auth.invitations import Invitation, Invitations
from reelhook.auth.links import Issued
from reelhook.auth.passwords import LONGEST
from reelhook.auth.people import People
from reelhook.auth.principal import Principal
from reelhook.auth.requires import requires
from reelhook.auth.resets import Resets
from reelhook.auth.roles import Role
from reelhook.auth.shapes import Body, Shown
from reelhook.auth.site import Site
from reelhook.errors import WrongInput
from reelhook.kit.pages import Listing, Page, page
from reelhook.kit.times import Time

Changing = Annotated[Principal, Depends(requires("people:write"))]
Password = Annotated[str, Field(max_length=LONGEST)]


class PersonRequest(Body):
    """Without a password and without `invite: false` it is an invitation."""

    email: Annotated[str, Field(max_length=320)]
    role: Role
    password: Password | None = None
    invite: bool | None = None
    hand_over: bool = False


class PersonChange(Body):
    role: Role | None = None
    disabled: bool | None = None


class InvitationRequest(Body):
    hand_over: bool = False


class NewPassword(Body):
    password: Password


class ShownPerson(Shown):
    id: str
    email: str
    role: str
    has_password: bool
    created_at: Time
    disabled_at: Time | None
    invited_until: Time | None
    last_seen_at: Time | None
    erased_at: Time | None


class ShownLink(Shown):
    token: str
    url: str | None
    expires_at: Time


class ShownInvitation(Shown):
    """*mailed*: the link is in an e-mail and nowhere else. Otherwise hand it over; it is shown this once."""

    mailed: bool
    expires_at: Time
    link: ShownLink | None


class MadePerson(ShownPerson):
    invitation: ShownInvitation | None


def router(people: People, invitations: Invitations, resets: Resets, site: Site) -> APIRouter:
    """`/people`, each person's invitation, and the links and passwords that an admin gives out."""
    routes = APIRouter(prefix="/api/v1/people", tags=["access"])

    @routes.get("", dependencies=[Depends(requires("people:read"))])
    async def list_people(
        wanted: Annotated[Page, Depends(page)],
        email: Annotated[str | None, Query(max_length=320, description="Only who has this address.")] = None,
    ) -> Listing[ShownPerson]:
        """Everybody, disabled people too."""
        return wanted.listing([_shown(row) for row in await people.entries(wanted, email)], lambda person: person.id)

    @routes.post("", status_code=201)
    async def create_person(body: PersonRequest, request: Request, response: Response, by: Changing) -> MadePerson:
        """A new person, with a password or invited: by e-mail, or by the link in the answer where none is sent."""
        if body.invite and body.password is not None:
            raise WrongInput("somebody who is invited chooses the password; leave out password or invite")
        remote, made = site.remote(request.scope), None
        if body.password is not None or body.invite is False:
            row = await people.create(by, body.email, body.role, body.password, remote=remote)
        else:
            row, made = await invitations.invite(by, body.email, body.role, hand_over=body.hand_over, remote=remote)
        response.headers["cache-control"] = "no-store"
        return MadePerson(**_shown(row).model_dump(), invitation=made and _invitation(made, site))

    @routes.patch("/{person_id}")
    async def change_person(person_id: str, body: PersonChange, request: Request, by: Changing) -> ShownPerson:
        """Change the role, disable, or enable again."""
        remote = site.remote(request.scope)
        return _shown(await people.change(by, person_id, role=body.role, disabled=body.disabled, remote=remote))

    @routes.delete("/{person_id}", status_code=204)
    async def disable_person(person_id: str, request: Request, by: Changing) -> None:
        """Disable: signed out everywhere at once. The row stays, for the audit log."""
        await people.change(by, person_id, disabled=True, remote=site.remote(request.scope))

    @routes.post("/{person_id}/invitation", status_code=201)
    async def invite_again(
        person_id: str, body: InvitationRequest, request: Request, response: Response, by: Changing
    ) -> ShownInvitation:
        """A new link in place of the one before, by e-mail, or in the answer with `hand_over` or where none is sent."""
        remote = site.remote(request.scope)
        made = await invitations.again(by, person_id, hand_over=body.hand_over, remote=remote)
        response.headers["cache-control"] = "no-store"
        return _invitation(made, site)

    @routes.delete("/{person_id}/invitation", status_code=204)
    async def withdraw_invitation(person_id: str, request: Request, by: Changing) -> None:
        """The link works no more, and the account that nobody came to is disabled."""
        await invitations.withdraw(by, person_id, remote=site.remote(request.scope))

    @routes.post("/{person_id}/sign-in-link", status_code=201)
    async def sign_in_link(person_id: str, request: Request, response: Response, by: Changing) -> ShownLink:
        """A link by which this person signs in, once, within 15 minutes."""
        made = await people.sign_in_link(by, person_id, remote=site.remote(request.scope))
        response.headers["cache-control"] = "no-store"
        return _link(made, site)

    @routes.post("/{person_id}/reset-link", status_code=201)
    async def reset_link(person_id: str, request: Request, response: Response, by: Changing) -> ShownLink:
        """A link by which this person chooses a new password, once, within 30 minutes."""
        made = await resets.link(by, person_id, remote=site.remote(request.scope))
        response.headers["cache-control"] = "no-store"
        return _link(made, site)

    @routes.put("/{person_id}/password", status_code=204)
    async def set_password(person_id: str, body: NewPassword, request: Request, by: Changing) -> None:
        """Give this person a password. All their sign-ins end."""
        await resets.set_password(by, person_id, body.password, remote=site.remote(request.scope))

    return routes


def _shown(row: Row[Any]) -> ShownPerson:
    return ShownPerson(**row._mapping, has_password=row.password_hash is not None)


def _link(made: Issued, site: Site) -> ShownLink:
    return ShownLink(token=made.token, url=site.link(made.token), expires_at=made.until)


def _invitation(made: Invitation, site: Site) -> ShownInvitation:
    link = None if made.token is None else _link(Issued(made.token, made.until), site)
    return ShownInvitation(mailed=link is None, expires_at=made.until, link=link)
