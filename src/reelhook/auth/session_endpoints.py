"""`/api/v1/session`: sign in, see who is signed in, sign out. Open to everybody (open_paths.py)."""

import contextlib
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import Field

from reelhook.auth.passwords import LONGEST
from reelhook.auth.principal import Principal
from reelhook.auth.requires import present
from reelhook.auth.resets import Resets
from reelhook.auth.shapes import Body, Shown
from reelhook.auth.sign_in import Browser, SignedIn, SignIn
from reelhook.auth.site import Site
from reelhook.errors import Unauthorized

OPEN: dict[str, Any] = {"security": []}
Password = Annotated[str, Field(max_length=LONGEST)]
Email = Annotated[str, Field(max_length=320)]
MAILED = (
    "if somebody with this address has a password here, a link for a new one is on its way; it works for 30 minutes"
)
NOT_MAILED = "this service sends no e-mail; ask an operator to run: reelhook people reset-password EMAIL"


class Credentials(Body):
    email: Email
    password: Password


class LinkCredentials(Body):
    token: Annotated[str, Field(max_length=200)]
    email: Email | None = None
    password: Password | None = None


class Forgotten(Body):
    email: Email


class ShownWay(Shown):
    """What happens now, in words; *mailed* False: this service sends no e-mail."""

    mailed: bool
    detail: str


class ShownPrincipal(Shown):
    kind: str
    id: str
    name: str
    role: str
    scopes: list[str]


class Identity(Shown):
    principal: ShownPrincipal


def router(sign_in: SignIn, resets: Resets, site: Site) -> APIRouter:
    """`GET`, `POST`, `DELETE /session`, `POST /session/link`, `POST /session/forgotten`."""
    routes = APIRouter(prefix="/api/v1/session", tags=["access"])

    @routes.get("", openapi_extra=OPEN)
    async def who_am_i(request: Request, response: Response) -> Identity:
        """Who is signed in; 401 when nobody is."""
        response.headers["cache-control"] = "no-store"
        return _identity(present(request))

    @routes.post("", openapi_extra=OPEN)
    async def sign_in_by_password(body: Credentials, request: Request, response: Response) -> Identity:
        """Sign in. The answer sets the session cookie."""
        done = await sign_in.by_password(body.email, body.password, _browser(request, site))
        return _entered(done, request, response, site)

    @routes.post("/link", openapi_extra=OPEN)
    async def sign_in_by_link(body: LinkCredentials, request: Request, response: Response) -> Identity:
        """Sign in by a one-time link.

        The first admin's answers 409 `setup_required` until e-mail and password come; an invitation, and a link for a
        new password, 409 `password_required` with `purpose` and `email` until a password comes. Both stay usable.
        """
        done = await sign_in.by_link(body.token, body.email, body.password, _browser(request, site))
        return _entered(done, request, response, site)

    @routes.post("/forgotten", status_code=202, openapi_extra=OPEN)
    async def forgotten(body: Forgotten, request: Request, response: Response) -> ShownWay:
        """Have a link for a new password mailed. The answer is the same whether there is such a person or not."""
        mailed = await resets.ask(body.email, site.remote(request.scope))
        response.headers["cache-control"] = "no-store"
        return ShownWay(mailed=mailed, detail=MAILED if mailed else NOT_MAILED)

    @routes.delete("", status_code=204, openapi_extra=OPEN)
    async def sign_out(request: Request, response: Response) -> None:
        """End this session. Without one there is nothing to do, and that is no error."""
        token = site.session_token(request.scope)
        if token is not None:
            with contextlib.suppress(Unauthorized):  # it had ended already
                await sign_in.sign_out(present(request), token, site.remote(request.scope))
        site.drop_session(response, request.scope)

    return routes


def _browser(request: Request, site: Site) -> Browser:
    return Browser(site.remote(request.scope), request.headers.get("user-agent"))


def _entered(done: SignedIn, request: Request, response: Response, site: Site) -> Identity:
    site.keep_session(response, request.scope, done.token)
    response.headers["cache-control"] = "no-store"
    return _identity(done.principal)


def _identity(who: Principal) -> Identity:
    shown = ShownPrincipal(kind=who.kind, id=who.id, name=who.name, role=who.role, scopes=sorted(who.scopes))
    return Identity(principal=shown)
