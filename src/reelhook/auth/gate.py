"""The gate: one layer around the whole app that decides who is asking before a byte of the body is read."""

from dataclasses import replace

from starlette.types import ASGIApp, Receive, Scope, Send

from reelhook.auth import body, csrf
from reelhook.auth.credentials import Caller, Credentials
from reelhook.auth.open_paths import SAFE_METHODS, Door, door
from reelhook.auth.ratelimit import ApiLimit
from reelhook.auth.refusals import BodyTooLarge, ForeignOrigin
from reelhook.auth.site import Site
from reelhook.errors import Forbidden, ReelhookError, Unauthorized
from reelhook.kit import problem
from reelhook.logs import mask

POLICY_VIOLATION = 1008  # RFC 6455, 7.4.1


class Gate:
    """Plain ASGI. Behind it `scope["state"]["principal"]` is a Principal, or None on the session paths.

    For the stream it keeps `send` and `receive` as they are: it needs the server's own.
    """

    def __init__(self, app: ASGIApp, credentials: Credentials, site: Site, api_limit: ApiLimit) -> None:
        self._app, self._credentials, self._site = app, credentials, site
        self._api_limit = api_limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            try:
                receive, send = await self._admit(scope, receive, send)
            except ReelhookError as error:
                await refuse(scope, send, error)
                return
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": POLICY_VIOLATION})
            return
        await self._app(scope, receive, send)

    async def _admit(self, scope: Scope, receive: Receive, send: Send) -> tuple[Receive, Send]:
        """Let the request in and return its channels, or raise."""
        method, which = scope["method"], door(scope["method"], scope["path"])
        if which is Door.OPEN:
            return receive, send
        announced = body.announced(scope)
        caller = await self._caller(scope, which)
        if method not in SAFE_METHODS and (caller.by_cookie if caller else which is Door.SESSION):
            # Signing in counts too: else a foreign page could sign its visitor in to an account of its own.
            csrf.require_own_page(scope, self._site)
        if announced > body.MOST_BYTES:
            raise BodyTooLarge(body.TOO_LARGE)
        # A dict of this request's own: the server shares one state among all of them.
        principal = replace(caller.principal, remote=self._site.remote(scope)) if caller else None
        scope["state"] = {**scope.get("state", {}), "principal": principal}
        if which is Door.GUARDED:
            send = await self._api_limit.count(scope, principal, send)
        return receive if method in SAFE_METHODS else body.counted(receive), send

    async def _caller(self, scope: Scope, which: Door) -> Caller | None:
        try:
            caller = await self._credentials.caller(scope)
        except (Unauthorized, Forbidden):
            if which is Door.SESSION:
                return None  # where one signs in, a session that has ended is no obstacle
            raise
        if caller is None and which is Door.GUARDED:
            raise Unauthorized("sign in, or send an API key as Authorization: Bearer")
        reads_by_cookie = caller is not None and caller.by_cookie and scope["method"] in SAFE_METHODS
        if reads_by_cookie and csrf.from_foreign_page(scope, self._site):
            if which is Door.SESSION:
                return None
            raise ForeignOrigin("a page of another origin needs an API key or a stream token; our cookie is not taken")
        return caller


async def refuse(scope: Scope, send: Send, error: ReelhookError) -> None:
    """Answer with *error* as a problem document."""
    headers = error.headers
    if error.status == 401:
        headers["www-authenticate"] = "Bearer"
    is_head = scope["method"] == "HEAD"
    await problem.answer(send, error.status, error.code, mask(error.message), headers=headers, head=is_head)
