"""Forged requests: a foreign page can make a browser send our cookie, but not our header."""

from starlette.datastructures import Headers
from starlette.types import Scope

from reelhook.auth.refusals import CsrfRefused
from reelhook.auth.site import Site, origin


def require_own_page(scope: Scope, site: Site) -> None:
    """Raises *CsrfRefused* unless a page of ours sent this request.

    A foreign page may not add `X-Reelhook` without asking first (CORS), and we never allow it. Origin and
    Sec-Fetch-Site, where the browser sends them, have to agree.
    """
    headers = Headers(scope=scope)
    if headers.get("x-reelhook") != "1":
        raise CsrfRefused("send the header X-Reelhook: 1 with requests that change something")
    sites, origins = headers.getlist("sec-fetch-site"), headers.getlist("origin")
    if any(value != "same-origin" for value in sites):
        raise CsrfRefused("this request comes from another site")
    own = site.own_origins(scope) if origins else frozenset()
    if any(origin(value) not in own for value in origins):
        raise CsrfRefused("this request comes from another origin; if that is our own address, set REELHOOK_PUBLIC_URL")
