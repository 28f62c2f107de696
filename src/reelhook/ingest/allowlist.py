"""Which networks may post, which ones do, and what follows from both: a list to paste, and what to do next.

HeyGen publishes no addresses, and its own are ordinary ones of AWS: what is learned here is what was seen, not what is
promised. The signature is the control; the list is a second lock for those who want one.
"""

import ipaddress
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Literal

from reelhook.kit.addresses import Network, networks

SEEN_ENOUGH = 2  # deliveries after which a network is proposed: one alone may be anything
QUIET = timedelta(days=7)  # as long `observe` must find nothing outside before `enforce` is advised
VARIABLE = "REELHOOK_INGEST_ALLOW"
# Whatever comes from here has passed a proxy of the operator's that TRUSTED_PROXIES does not name.
OWN = networks(
    ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
     "::1/128", "fc00::/7", "fe80::/10")
)  # fmt: skip

Mode = Literal["off", "observe", "enforce"]
Covered = Literal["yes", "partly", "no"]


class Advice(StrEnum):
    """What to do next, by its stable name."""

    WAIT = "wait"  # nothing was seen yet
    TRUST_PROXY = "trust_proxy"  # the addresses seen are one's own proxy's
    OBSERVE = "observe"  # there is something to try the proposal on
    OBSERVE_ON = "observe_on"  # something came from outside lately, or it is too early to tell
    ENFORCE = "enforce"  # nothing came from outside for long
    ADD = "add"  # deliveries are being refused that proved to be HeyGen's
    NOTHING = "nothing"  # enforced, and nobody is locked out


@dataclass(frozen=True, slots=True)
class Sender:
    """One network that was seen, and how it stands to the list of now."""

    network: str
    first_seen_at: datetime
    last_seen_at: datetime
    deliveries: int
    outside: int
    refused: int
    outside_since: datetime | None
    last_outside_at: datetime | None
    covered: Covered | None
    own: bool
    proposed: bool


class Allowlist:
    """INGEST_ALLOW and its mode, beside what was seen."""

    def __init__(self, allow: Sequence[Network], *, enforce: bool) -> None:
        self.networks = tuple(_collapsed(allow))
        self.mode: Mode = "off" if not allow else "enforce" if enforce else "observe"

    def sender(self, row: Any) -> Sender:
        """*row* of `senders`, judged."""
        net = ipaddress.ip_network(row.network)
        own = _within(net, OWN)
        proposed = not own and row.deliveries >= SEEN_ENOUGH
        return Sender(**row._mapping, covered=self._covered(net), own=own, proposed=proposed)

    def proposal(self, seen: Iterable[Sender]) -> tuple[str, ...]:
        """The shortest list that names every network that was seen often enough."""
        return tuple(map(str, _collapsed(networks([one.network for one in seen if one.proposed]))))

    def advice(self, seen: Sequence[Sender], now: datetime) -> Advice:
        if not seen:
            return Advice.WAIT
        outside = any(one.covered != "yes" and _lately(one.last_outside_at, now) for one in seen)
        if self.mode == "enforce" and outside:
            return Advice.ADD
        if any(one.own and _lately(one.last_seen_at, now) for one in seen):
            return Advice.TRUST_PROXY
        if self.mode == "enforce":
            return Advice.NOTHING
        if self.mode == "off":
            return Advice.OBSERVE if any(one.proposed for one in seen) else Advice.WAIT
        return Advice.OBSERVE_ON if outside or not _long_seen(seen, now) else Advice.ENFORCE

    def _covered(self, net: Network) -> Covered | None:
        if self.mode == "off":
            return None
        if _within(net, self.networks):
            return "yes"
        return "partly" if any(one.version == net.version and one.overlaps(net) for one in self.networks) else "no"


def setting(proposal: Sequence[str]) -> str | None:
    """The line to paste into the environment, or None when there is nothing to propose."""
    return f"{VARIABLE}={','.join(proposal)}" if proposal else None


def _within(net: Network, others: Sequence[Network]) -> bool:
    return any(one.version == net.version and net.subnet_of(one) for one in others)  # type: ignore[arg-type]


def _long_seen(seen: Sequence[Sender], now: datetime) -> bool:
    """Whether deliveries came before the quiet days began, and within them."""
    return min(one.first_seen_at for one in seen) <= now - QUIET and any(_lately(one.last_seen_at, now) for one in seen)


def _lately(at: datetime | None, now: datetime) -> bool:
    return at is not None and at > now - QUIET


def _collapsed(nets: Iterable[Network]) -> list[Network]:
    by_version: dict[int, list[Any]] = {4: [], 6: []}
    for net in nets:
        by_version[net.version].append(net)
    return [one for version in (4, 6) for one in ipaddress.collapse_addresses(by_version[version])]
