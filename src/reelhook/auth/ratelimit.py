"""How often one may try to sign in: memory of this process, so with n processes n times as often."""

import ipaddress

from reelhook.auth.digest import digest
from reelhook.errors import TooManyRequests
from reelhook.kit.clock import Clock
from reelhook.kit.ratelimit import KeyedBuckets

# One account from one address: five tries, then one each half minute: 2,900 a day against a password of 12 characters.
ACCOUNT_BURST, ACCOUNT_EVERY_S = 5, 30
# One address for all accounts: an office behind one address signs in together, a guesser is slowed.
ADDRESS_BURST, ADDRESS_EVERY_S = 30, 5


class SignInLimits:
    """Counts tries, good ones too. The address is in both keys, so that nobody can lock out somebody else."""

    def __init__(self, clock: Clock) -> None:
        self._accounts = KeyedBuckets(clock, 1 / ACCOUNT_EVERY_S, ACCOUNT_BURST)
        self._addresses = KeyedBuckets(clock, 1 / ADDRESS_EVERY_S, ADDRESS_BURST)

    def require_room(self, remote: str, account: str | None = None) -> None:
        """Raises *TooManyRequests*. *account* is what was typed; whether it exists makes no difference."""
        address = neighbourhood(remote)
        if not self._addresses.take(address):
            raise TooManyRequests("too many attempts to sign in from your address", retry_after_s=ADDRESS_EVERY_S)
        if account is not None and not self._accounts.take(digest(f"{address} {account}")):
            raise TooManyRequests("too many attempts to sign in to this account", retry_after_s=ACCOUNT_EVERY_S)


def neighbourhood(remote: str) -> str:
    """The address, of IPv6 its /64: that is what one customer gets, with 2**64 addresses to try from."""
    try:
        address = ipaddress.ip_address(remote.split("%", 1)[0])
    except ValueError:
        return remote
    if isinstance(address, ipaddress.IPv4Address) or address.ipv4_mapped:
        return str(address)
    return str(ipaddress.ip_network((int(address), 64), strict=False))
