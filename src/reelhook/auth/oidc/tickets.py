"""What a browser carries to the provider and back: proof that it began this sign-in, and where it wants to go."""

import hmac
import json
import re
from dataclasses import asdict, dataclass
from urllib.parse import quote

from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.responses import Response
from starlette.types import Scope

from reelhook.auth.site import Site
from reelhook.kit.clock import Clock
from reelhook.kit.ids import Ids
from reelhook.kit.sealing import CannotUnseal, Sealer

LIFETIME_S = 600
COOKIE = "reelhook-oidc"
PURPOSE = "oidc"
MOST_NEXT = 1000
# A path of ours: a second slash, or a backslash that browsers take for one, would lead to another host.
OWN_PATH = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")


@dataclass(frozen=True)
class Ticket:
    """One sign-in under way. *until* is the Unix time at which it is too late."""

    state: str
    nonce: str
    verifier: str
    next: str
    until: int

    def answers(self, state: str) -> bool:
        """Whether *state*, as it came back from the provider, is that of this sign-in."""
        return hmac.compare_digest(self.state.encode(), state.encode())


class Tickets:
    """Sealed into a cookie that no script and no other host can read or plant, and that ends after ten minutes."""

    def __init__(self, sealer: Sealer, clock: Clock, ids: Ids, site: Site) -> None:
        self._sealer, self._clock, self._ids, self._site = sealer, clock, ids, site

    def new(self, wanted: str) -> Ticket:
        """A ticket back to *wanted*, if that is a path of ours, else to the first page."""
        until = int(self._clock.now().timestamp()) + LIFETIME_S
        state, nonce, verifier = (self._ids.token(32) for _ in range(3))
        return Ticket(state, nonce, verifier, own_path(wanted), until)

    def give(self, response: Response, scope: Scope, ticket: Ticket) -> None:
        """Put *ticket* into the cookie, in place of an earlier one."""
        sealed = self._sealer.seal(json.dumps({"purpose": PURPOSE, **asdict(ticket)}))
        secure = self._site.secure(scope)
        response.set_cookie(
            _name(secure=secure), sealed, max_age=LIFETIME_S, path="/", secure=secure, httponly=True, samesite="lax"
        )

    def take(self, response: Response, scope: Scope) -> None:
        """Have the browser forget its ticket: it is good for one answer of the provider's."""
        secure = self._site.secure(scope)
        response.delete_cookie(_name(secure=secure), path="/", secure=secure, httponly=True, samesite="lax")

    def carried(self, scope: Scope) -> Ticket | None:
        """The ticket that came with this request; None when it is absent, not ours, or too old."""
        cookies = cookie_parser("; ".join(Headers(scope=scope).getlist("cookie")))
        sealed = cookies.get(_name(secure=self._site.secure(scope)))
        if not sealed:
            return None
        try:
            said = json.loads(self._sealer.open(sealed))
        except (CannotUnseal, ValueError):
            return None
        if not isinstance(said, dict) or said.pop("purpose", None) != PURPOSE:
            return None  # sealed by us, for something else
        try:
            ticket = Ticket(**said)
        except TypeError:  # from another version of this service
            return None
        return ticket if ticket.until > self._clock.now().timestamp() else None


def own_path(wanted: str) -> str:
    """*wanted*, fit for a Location, if it is a path of ours that is a page; else `/`."""
    path = quote(wanted, safe="/?&=%:@,;+!$'()*~-._[]|")
    if len(path) > MOST_NEXT or not OWN_PATH.fullmatch(wanted) or wanted.startswith(("/api/", "/sign-in")):
        return "/"
    return path


def _name(*, secure: bool) -> str:
    return f"__Host-{COOKIE}" if secure else COOKIE
