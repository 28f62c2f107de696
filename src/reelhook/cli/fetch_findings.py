"""What `doctor` has to say of where fetches may lead: each door that FETCH_ALLOW opens, and for whom."""

import ipaddress

from reelhook.kit.guard import embedded, is_public
from reelhook.settings import Settings

# Cloud providers' own services, which give credentials to whoever asks from the machine.
METADATA = frozenset({"169.254.169.254", "169.254.170.2", "fd00:ec2::254", "100.100.100.200", "192.0.0.192"})


def fetches(config: Settings) -> list[dict[str, object]]:
    """A line for the hosts that videos come from, and a warning for each address that is allowed by name."""
    hosts = ", ".join(config.fetch_hosts)
    found = (
        f"videos are fetched from {hosts}, and all hosts below" if hosts else "videos are fetched from any public host"
    )
    return [{"name": "fetch hosts", "ok": True, "found": f"{found}, by https"}, *map(_opened, config.fetch_allow)]


def _opened(entry: str) -> dict[str, object]:
    host, _, port = entry.rpartition(":")
    what = f"opens {_what(host.strip('[]'))}, port {port}, to every link that a webhook brings: remove it if not needed"
    return {"name": f"fetch allow {entry}", "ok": True, "warning": True, "found": what}


def _what(host: str) -> str:
    addresses = list(embedded(ipaddress.ip_address(host)))
    if any(str(address) in METADATA for address in addresses):
        return "a cloud's metadata service, which gives out the machine's credentials"
    if any(address.is_loopback or address.is_unspecified for address in addresses):
        return "this machine itself"
    if is_public(host):
        return "a public address, also by plain http and past FETCH_HOSTS"
    return "your own network"
