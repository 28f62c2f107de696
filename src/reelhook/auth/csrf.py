"""Forged requests: a foreign page can make a browser send our cookie, but not our header."""

from starlette.datastructures import Headers
from starlette.types import Scope

from reelhook.auth.refusals import CsrfRefused
from reelhook.auth.site import Site, origin


def from_foreign_page(scope: Scope, site: Site) -> bool:
    """Whether the browser says that a page of another origin sends this: then our cookie is no credential.

    It is said of requests that could be read there; a link that somebody follows has no Origin.
    """
    origins = Headers(scope=scope).getlist("origin")
    own = site.own_origins(scope) if origins else frozenset()
    return any(origin(value) not in own for value in origins)


def require_own_page(scope: Scope, site: Site) -> None:
    """Raises *CsrfRefused* unless a page of ours sent this request.

    A foreign page may not add `X-Reelhook` without asking first (CORS), and we never allow it. Origin and
    Sec-Fetch-Site, where the browser sends them, have to agree.
    """
    headers = Headers(scope=scope)
    if headers.getlist("x-reelhook") != ["1"]:
        raise CsrfRefused("send the header X-Reelhook: 1 with requests that change something")
    if any(value != "same-origin" for value in headers.getlist("sec-fetch-site")):
        raise CsrfRefused("this request comes from another site")
    if from_foreign_page(scope, site):
        raise CsrfRefused("this request comes from another origin; if that is our own address, set REELHOOK_PUBLIC_URL")
