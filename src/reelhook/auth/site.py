"""Where this service lives as the browser sees it: which origin, https or not, and what follows for the cookie."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.responses import Response
from starlette.types import Scope

from reelhook.kit.addresses import contains, networks, remote

# The __Host- prefix makes the browser insist on Secure, Path=/ and no Domain: no subdomain can plant a session.
SECURE_COOKIE = "__Host-reelhook"
PLAIN_COOKIE = "reelhook"
# The row in the database decides how long a session lasts; the cookie only has to outlive it. Browsers cap at 400 days.
COOKIE_AGE_S = 400 * 24 * 3600
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class Site:
    """What we know of our own address: PUBLIC_URL, and what trusted proxies tell."""

    def __init__(
        self, public_url: str | None = None, trusted_proxies: Sequence[str] = (), metrics_allow: Sequence[str] = ()
    ) -> None:
        self.public_url = public_url
        self._always_https = _scheme(public_url) == "https"
        self._trusted = networks(trusted_proxies)
        self._metrics_allow = networks(metrics_allow)

    def link(self, token: str) -> str | None:
        """The address that signs in by a one-time link; None when our own address is not known."""
        # After the #, so that the token reaches no log of a server or proxy.
        return f"{self.public_url}/sign-in#link={token}" if self.public_url else None

    def remote(self, scope: Scope) -> str:
        """The client's address, seen through trusted proxies."""
        return remote(scope, self._trusted)

    def may_scrape(self, scope: Scope) -> bool:
        """Whether this address may read /metrics without a key."""
        return contains(self._metrics_allow, self.remote(scope))

    def secure(self, scope: Scope) -> bool:
        """Whether the browser speaks https, as far as we know; when we do not, the answer is yes, the safe guess.

        Plain http is believed on a loopback address, or where PUBLIC_URL itself says http.
        """
        return self.https(scope) or (self.public_url is None and _host(scope) not in LOOPBACK)

    def https(self, scope: Scope) -> bool:
        """Whether we know that the browser speaks https, or at least can."""
        return self._always_https or scope["scheme"] == "https" or self._forwarded_https(scope)

    def own_origins(self, scope: Scope) -> frozenset[str]:
        """Every Origin that is our own: PUBLIC_URL's, and the one the request was sent to."""
        host = Headers(scope=scope).get("host", "")
        urls = (self.public_url, f"http://{host}", f"https://{host}")
        return frozenset(origin(url) for url in urls if url) - {""}

    def session_token(self, scope: Scope) -> str | None:
        """What the session cookie holds, unchecked."""
        cookies = cookie_parser("; ".join(Headers(scope=scope).getlist("cookie")))
        return cookies.get(self._cookie_name(scope)) or None

    def keep_session(self, response: Response, scope: Scope, token: str) -> None:
        """Put the session cookie into *response*."""
        response.set_cookie(
            self._cookie_name(scope),
            token,
            max_age=COOKIE_AGE_S,
            path="/",
            secure=self.secure(scope),
            httponly=True,
            samesite="lax",
        )

    def drop_session(self, response: Response, scope: Scope) -> None:
        """Have the browser forget the session cookie."""
        response.delete_cookie(
            self._cookie_name(scope), path="/", secure=self.secure(scope), httponly=True, samesite="lax"
        )

    def _cookie_name(self, scope: Scope) -> str:
        return SECURE_COOKIE if self.secure(scope) else PLAIN_COOKIE

    def _forwarded_https(self, scope: Scope) -> bool:
        if not self._trusted:
            return False
        peer = (scope.get("client") or ("", 0))[0]
        said = Headers(scope=scope).get("x-forwarded-proto", "")
        return said.split(",")[0].strip().lower() == "https" and contains(self._trusted, peer)


def origin(url: str) -> str:
    """The origin of *url* as a browser writes it (RFC 6454, 6.2), or an empty text when it has none."""
    try:
        parts = urlsplit(url.lower())
        port = parts.port
    except ValueError:
        return ""
    if not parts.hostname:
        return ""
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    usual = port is None or port == {"http": 80, "https": 443}.get(parts.scheme)
    return f"{parts.scheme}://{host}" if usual else f"{parts.scheme}://{host}:{port}"


def _scheme(url: str | None) -> str:
    return urlsplit(url).scheme if url else ""


def _host(scope: Scope) -> str:
    try:
        return urlsplit("//" + Headers(scope=scope).get("host", "")).hostname or ""
    except ValueError:
        return ""
