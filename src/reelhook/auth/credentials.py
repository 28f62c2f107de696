"""Which credential a request carries, and whom it stands for."""

from dataclasses import dataclass

from starlette.datastructures import Headers, QueryParams
from starlette.types import Scope

from reelhook.auth.keys import ApiKeys
from reelhook.auth.media_links import MediaLinks, is_signed
from reelhook.auth.open_paths import opened_by_token
from reelhook.auth.principal import Principal, local_admin, local_scraper
from reelhook.auth.refusals import Malformed
from reelhook.auth.sessions import Sessions
from reelhook.auth.site import Site
from reelhook.auth.tokens import StreamTokens
from reelhook.errors import Forbidden, Unauthorized

# Set by our own server on requests that came over its Unix socket; a client cannot set it.
LOCAL = "reelhook.local"


@dataclass(frozen=True, slots=True)
class Caller:
    """A principal, and whether it was the cookie that named it: a browser sends that without being asked."""

    principal: Principal
    by_cookie: bool = False


class Credentials:
    """Looks at the socket, Authorization, a signed link, `?token=` and the cookie: the first that is there decides."""

    def __init__(self, sessions: Sessions, keys: ApiKeys, tokens: StreamTokens, links: MediaLinks, site: Site) -> None:
        self._sessions, self._keys, self._tokens, self._links, self._site = sessions, keys, tokens, links, site

    async def caller(self, scope: Scope) -> Caller | None:
        """None when the request carries no credential.

        Raises *Malformed*; *Unauthorized* for one that is not good (a client that means to be somebody must not
        silently become nobody, or somebody else); *Forbidden* for a stream token in the wrong place; what
        *MediaLinks* raises; *DatabaseUnavailable*.
        """
        if scope.get(LOCAL) is True:
            return Caller(local_admin())
        bearer = _bearer(scope)
        if bearer is not None:
            return Caller(await self._by_bearer(scope, bearer))
        if opened_by_token(scope["method"], scope["path"]):
            query = QueryParams(scope["query_string"])
            if is_signed(scope["method"], scope["path"], query):
                return Caller(await self._links.find(scope["path"], query))
            token = query.get("token")
            if token is not None:
                return Caller(_good(await self._tokens.find(token), "this token is not valid or was revoked"))
        session = self._site.session_token(scope)
        if session is not None:
            found = await self._sessions.find(session)
            return Caller(_good(found, "this session has ended; sign in again"), by_cookie=True)
        if scope["path"] == "/metrics" and self._site.may_scrape(scope):
            return Caller(local_scraper())
        return None

    async def _by_bearer(self, scope: Scope, text: str) -> Principal:
        found = await self._keys.find(text) or await self._tokens.find(text)
        principal = _good(found, "this API key or token is not valid, was revoked or has expired")
        if principal.kind == "token" and not opened_by_token(scope["method"], scope["path"]):
            raise Forbidden("a stream token opens GET of the stream, of its videos, their timelines and media, no more")
        return principal


def _bearer(scope: Scope) -> str | None:
    """What follows `Bearer`. Other schemes are not for us: a proxy in front may have its own."""
    values = Headers(scope=scope).getlist("authorization")
    if len(values) > 1:
        raise Malformed("send one Authorization header")
    scheme, _, text = (values[0] if values else "").strip().partition(" ")
    return text.strip() if scheme.lower() == "bearer" else None


def _good(principal: Principal | None, otherwise: str) -> Principal:
    if principal is None:
        raise Unauthorized(otherwise)
    return principal
