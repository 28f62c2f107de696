"""What browsers are told with every answer, and which foreign pages may read it (docs/browser-security.md)."""

from collections.abc import Awaitable, Sequence
from enum import Enum

from starlette.datastructures import Headers, QueryParams
from starlette.types import ASGIApp, Receive, Scope, Send

from reelhook.auth.open_paths import FRONT_DOOR, SDK_PATH, SESSION_PATH, under
from reelhook.auth.site import Site
from reelhook.kit import problem
from reelhook.kit.headed import Field, Fields, Headed

HSTS = (b"strict-transport-security", b"max-age=31536000")
EVERYWHERE = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
)
OURS_ALONE = (b"cross-origin-resource-policy", b"same-origin")
FOR_ALL = (b"cross-origin-resource-policy", b"cross-origin")
NO_PAGE = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
# Opened by itself, a film is a page that a browser makes around it.
FILM = (
    b"content-security-policy",
    b"default-src 'none'; img-src 'self'; media-src 'self'; frame-ancestors 'none'",
)
VARY = (b"vary", b"Origin")
EXPOSED = (b"access-control-expose-headers", b"ETag, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id")
METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE"
ASKED_HEADERS = "Authorization, Content-Type, Idempotency-Key, If-None-Match, Last-Event-ID, Range"
PREFLIGHT_AGE_S = 600
API_PATHS = ("/api", "/metrics", "/openapi.json", "/healthz", "/readyz")
MEDIA = "/media"


class Zone(Enum):
    """What a path leads to, as far as browsers are concerned."""

    FRONT_DOOR = "front door"  # no browser comes here
    PAGE = "page"
    SDK = "sdk"  # a script for the pages of builders, with nothing secret in it
    API = "api"
    SESSION = "session"  # API for our own pages alone
    MEDIA = "media"  # by our own cookie
    LINKED_MEDIA = "linked media"  # by what the page that shows it knows itself


SHARED = frozenset({Zone.API, Zone.MEDIA, Zone.LINKED_MEDIA})
USUAL: dict[Zone, Fields] = {
    Zone.FRONT_DOOR: (),
    Zone.PAGE: (*EVERYWHERE, OURS_ALONE),
    Zone.SDK: (*EVERYWHERE, FOR_ALL, (b"access-control-allow-origin", b"*")),
    Zone.API: (*EVERYWHERE, OURS_ALONE, NO_PAGE),
    Zone.SESSION: (*EVERYWHERE, OURS_ALONE, NO_PAGE),
    Zone.MEDIA: (*EVERYWHERE, OURS_ALONE, FILM),
    Zone.LINKED_MEDIA: (*EVERYWHERE, FOR_ALL, FILM),
}


class Shield:
    """Plain ASGI, around the gate. What it adds is made once and shared, so that an open stream costs nothing more.

    *cors_origins*: the foreign origins whose pages may call the API and read media, with a key or a token.
    """

    def __init__(self, app: ASGIApp, site: Site, cors_origins: Sequence[str] = ()) -> None:
        self._app, self._site, self._origins = app, site, frozenset(cors_origins)
        self._fields = {
            (zone, https, origin): _fields(zone, origin, https=https, shares=bool(self._origins))
            for zone in Zone
            for https in (False, True)
            for origin in (None, *self._origins)
        }

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """No coroutine of its own: of each open stream it would be kept for hours."""
        if scope["type"] != "http":
            return self._app(scope, receive, send)
        zone = self._zone(scope)
        origin = Headers(scope=scope).get("origin") if zone in SHARED and self._origins else None
        known = origin if origin in self._origins else None
        fields = self._fields[zone, self._site.https(scope), known]
        headed = Headed(send, fields) if fields else send
        if origin is not None and _is_preflight(scope):
            return _answer(scope, headed, known=known is not None)
        return self._app(scope, receive, headed)

    def _zone(self, scope: Scope) -> Zone:
        path = scope["path"]
        if under(path, FRONT_DOOR):
            return Zone.FRONT_DOOR
        if under(path, SESSION_PATH):
            return Zone.SESSION
        if path == SDK_PATH:
            return Zone.SDK
        if under(path, MEDIA):
            # Foreign pages show media by a token in the address. What rests on our cookie is for our own pages.
            by_link = "token" in QueryParams(scope["query_string"]) or self._site.session_token(scope) is None
            return Zone.LINKED_MEDIA if by_link else Zone.MEDIA
        return Zone.API if any(under(path, root) for root in API_PATHS) else Zone.PAGE


def _fields(zone: Zone, origin: str | None, *, https: bool, shares: bool) -> Fields:
    fields: list[Field] = [*USUAL[zone], *([HSTS] if https else [])]
    if shares and zone in SHARED:
        fields.append(VARY)
        if origin is not None:
            fields += [(b"access-control-allow-origin", origin.encode()), EXPOSED]
    return tuple(fields)


def _is_preflight(scope: Scope) -> bool:
    return scope["method"] == "OPTIONS" and "access-control-request-method" in Headers(scope=scope)


async def _answer(scope: Scope, send: Send, *, known: bool) -> None:
    """To a browser that asks on behalf of a foreign page. It sends no credentials with this, so none are looked for."""
    if not known:
        detail = "pages of this origin may not call this service; REELHOOK_CORS_ORIGINS can allow it"
        await problem.answer(send, 403, "origin_not_allowed", detail)
        return
    headers = [
        (b"access-control-allow-methods", METHODS.encode()),
        (b"access-control-allow-headers", ASKED_HEADERS.encode()),
        (b"access-control-max-age", str(PREFLIGHT_AGE_S).encode()),
        (b"vary", b"Access-Control-Request-Method, Access-Control-Request-Headers"),
    ]
    await send({"type": "http.response.start", "status": 204, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
