"""`/api/v1/me`: who I am, and my password."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field

from reelhook.auth.account import Account
from reelhook.auth.passwords import LONGEST
from reelhook.auth.principal import Principal
from reelhook.auth.requires import requires
from reelhook.auth.shapes import Body, Shown
from reelhook.auth.site import Site
from reelhook.kit.times import Time

Me = Annotated[Principal, Depends(requires("me"))]
Password = Annotated[str, Field(max_length=LONGEST)]


class PasswordChange(Body):
    current: Password
    new: Password


class ShownMe(Shown):
    kind: str
    id: str
    name: str
    role: str
    scopes: list[str]
    subject: str | None
    sees_all: bool
    expires_at: Time | None
    has_password: bool


def router(account: Account, site: Site) -> APIRouter:
    """`GET /me`, `PUT /me/password`."""
    routes = APIRouter(prefix="/api/v1/me", tags=["me"])

    @routes.get("")
    async def show_me(me: Me, response: Response) -> ShownMe:
        """Who is asking: a person or a key, what it may do, whose videos it sees, and until when."""
        response.headers["cache-control"] = "no-store"
        return ShownMe(
            kind=me.kind,
            id=me.id,
            name=me.name,
            role=me.role,
            scopes=sorted(me.scopes),
            subject=me.subject,
            sees_all=me.sees_all,
            expires_at=me.expires_at,
            has_password=await account.has_password(me),
        )

    @routes.put("/password", status_code=204)
    async def change_password(body: PasswordChange, request: Request, me: Me) -> None:
        """A new password for the person who is signed in. All their other sign-ins end."""
        await account.change_password(me, body.current, body.new, site.remote(request.scope))

    return routes
