"""`/api/v1/session/oidc`: whether there is a provider, the way to it, and the way back. Open (open_paths.py)."""

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse

from reelhook import logs
from reelhook.auth.oidc.errors import OidcOff
from reelhook.auth.oidc.flow import Oidc
from reelhook.auth.oidc.tickets import own_path
from reelhook.auth.shapes import Shown
from reelhook.auth.sign_in import Browser
from reelhook.auth.site import Site
from reelhook.errors import ReelhookError

OPEN: dict[str, Any] = {"security": []}
SIGN_IN_PAGE = "/sign-in"
Wanted = Annotated[str, Query(alias="next", description="Where to go afterwards: a path of this service.")]
SEE_OTHER: dict[str, Any] = {"status_code": 303, "response_class": RedirectResponse, "openapi_extra": OPEN}

log = logs.get("auth")


class ShownOidc(Shown):
    """*name* is what the button says: Sign in with …"""

    enabled: bool
    name: str | None


def router(oidc: Oidc | None, site: Site) -> APIRouter:
    """`GET /session/oidc`, `/session/oidc/start`, `/session/oidc/callback`."""
    routes = APIRouter(prefix="/api/v1/session/oidc", tags=["access"])

    @routes.get("", openapi_extra=OPEN)
    async def is_there_a_provider() -> ShownOidc:
        """Whether people may sign in by OpenID Connect, and how the provider is called."""
        return ShownOidc(enabled=oidc is not None, name=oidc.name if oidc else None)

    @routes.get("/start", **SEE_OTHER)
    async def go_to_the_provider(request: Request, wanted: Wanted = "/") -> RedirectResponse:
        """For a browser: on to the provider's own sign-in page."""
        try:
            there = _present(oidc)
            ticket = there.tickets.new(wanted)
            response = RedirectResponse(await there.address(ticket), 303)
        except ReelhookError as error:
            return _back(error, own_path(wanted), site.remote(request.scope))
        there.tickets.give(response, request.scope, ticket)
        return response

    @routes.get("/callback", **SEE_OTHER)
    async def come_back(request: Request) -> RedirectResponse:
        """For a browser, sent by the provider: signed in, on to the page; or to the sign-in page, which says why not.

        Takes `code`, `state`, `iss` and `error` as OpenID Connect has them.
        """
        browser = Browser(site.remote(request.scope), request.headers.get("user-agent"))
        ticket = oidc.tickets.carried(request.scope) if oidc else None
        try:
            done = await _present(oidc).finish(ticket, request.query_params, browser)
        except ReelhookError as error:
            response = _back(error, ticket.next if ticket else "/", browser.remote)
        else:
            response = RedirectResponse(ticket.next if ticket else "/", 303)
            site.keep_session(response, request.scope, done.token)
        if oidc is not None:
            oidc.tickets.take(response, request.scope)
        # The address holds the code.
        response.headers["referrer-policy"] = "no-referrer"
        return response

    return routes


def _present(oidc: Oidc | None) -> Oidc:
    if oidc is None:
        raise OidcOff("REELHOOK_OIDC_ISSUER is not set")
    return oidc


def _back(error: ReelhookError, wanted: str, remote: str) -> RedirectResponse:
    """To the sign-in page, which has words for the code."""
    log.warning("oidc.refused", code=error.code, reason=error.message, remote=remote)
    told = {"oidc": error.code} | ({} if wanted == "/" else {"next": wanted})
    return RedirectResponse(f"{SIGN_IN_PAGE}?{urlencode(told)}", 303)
