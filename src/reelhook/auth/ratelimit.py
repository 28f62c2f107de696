"""How often one may try to sign in, and how often one may ask the API."""

from collections.abc import Iterable

from starlette.types import Message, Scope, Send

from reelhook.auth.digest import digest
from reelhook.auth.principal import Principal
from reelhook.errors import TooManyRequests
from reelhook.kit.addresses import neighbourhood
from reelhook.kit.ratelimit import Limit, Wanted
from reelhook.limits import Limits, fields, refusal

# One account from one address: five tries, then one each half minute: 2,900 a day against a password of 12 characters.
ACCOUNT = Limit("sign-in-account", rate=1 / 30, burst=5)
# One address for all accounts: an office behind one address signs in together, a guesser is slowed.
ADDRESS = Limit("sign-in-address", rate=1 / 5, burst=30)

# Each one sends an e-mail. From one address for one account; and for one account wherever from, so that nobody's
# letter box is filled by many who ask for somebody else.
ASKING = Limit("forgotten-account", rate=1 / 600, burst=3)
ASKED_FOR = Limit("forgotten-anywhere", rate=1 / 300, burst=10)

BURST_S = 10  # so many seconds' worth of API requests are allowed at once
COUNTED = "/api/"
STREAM = "/api/v1/stream"  # a stream is one long request; how many may be open has a limit of its own
COUNTED_KINDS = frozenset({"person", "key", "token"})


class SignInLimits:
    """Counts tries, good ones too. The address is in both keys, so that nobody can lock out somebody else."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits

    async def require_room(self, remote: str, account: str | None = None) -> None:
        """Raises *TooManyRequests*. *account* is what was typed; whether it exists makes no difference.

        Raises *LimitsUnavailable* while the other servers cannot be counted with: else a guesser had as many tries
        more as there are servers.
        """
        address = neighbourhood(remote)
        wanted = [Wanted(ADDRESS, address)]
        if account is not None:
            wanted.append(Wanted(ACCOUNT, digest(f"{address} {account}")))
        await self._take("too many attempts to sign in", *wanted)

    async def require_room_to_ask(self, remote: str, account: str) -> None:
        """The same for letters to somebody who forgot the password."""
        address = neighbourhood(remote)
        by_account = Wanted(ASKING, digest(f"{address} {account}")), Wanted(ASKED_FOR, digest(account))
        await self._take("a new password was asked for too often", Wanted(ADDRESS, address), *by_account)

    async def _take(self, what: str, *wanted: Wanted) -> None:
        verdict = await self._limits.take_together(*wanted)
        if not verdict.allowed:
            whose = "from your address" if verdict.limit is ADDRESS else "for this account"
            raise refusal(TooManyRequests, f"{what} {whose}", verdict)


class ApiLimit:
    """The requests that one person, key or token's subject may send to the JSON API: *rate* a second; 0: any number."""

    def __init__(self, limits: Limits, rate: float) -> None:
        self._limits = limits
        self.limit = Limit("api", rate, max(1, int(BURST_S * rate))) if rate else None

    async def count(self, scope: Scope, principal: Principal | None, send: Send) -> Send:
        """Count this request; returns the *send* that tells what is left. Raises *TooManyRequests*."""
        path = scope["path"]
        if self.limit is None or principal is None or not path.startswith(COUNTED) or path == STREAM:
            return send
        if principal.kind not in COUNTED_KINDS:
            return send
        verdict = await self._limits.take(Wanted(self.limit, principal.actor))
        if not verdict.allowed:
            detail = f"you sent more than {self.limit.rate:g} requests a second for too long; come back a little later"
            raise refusal(TooManyRequests, detail, verdict)
        return _telling(send, fields(verdict).items())


def _telling(send: Send, told: Iterable[tuple[str, str]]) -> Send:
    headers = [(name.encode(), value.encode()) for name, value in told]

    async def tell(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", ()), *headers]}
        await send(message)

    return tell
