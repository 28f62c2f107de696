"""Which addresses may be given as an endpoint. What a name leads to is checked at each connection, by the guard."""

import ipaddress
from collections.abc import Collection
from urllib.parse import urlsplit

from reelhook.errors import WrongInput
from reelhook.kit.guard import AddressGuard, AddressRefused

MOST_URL = 2000
EXAMPLE = "https://example.com/webhooks/reelhook"


def checked_url(url: str, allowed: Collection[str]) -> str:
    """*url*, if messages may be sent there. Raises *WrongInput*.

    Plain http is for the addresses that FETCH_ALLOW names (*allowed*): everybody on the way can read along.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise WrongInput("url is no address") from None
    if parts.username is not None or parts.password is not None:
        raise WrongInput("url must not hold a name or a password: messages are signed instead")
    plain = url.isascii() and url.isprintable() and " " not in url and not parts.fragment
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0 or not plain or len(url) > MOST_URL:
        raise WrongInput(f"url must look like {EXAMPLE}")
    host = parts.hostname
    shown = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    if parts.scheme == "http" and shown not in allowed:
        raise WrongInput("url must begin with https://, unless REELHOOK_FETCH_ALLOW names its address and port")
    _check_address(host, port or 443, allowed)
    return url


def _check_address(host: str, port: int, allowed: Collection[str]) -> None:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return  # a name
    try:
        AddressGuard(allowed).check(host, port)
    except AddressRefused as refused:
        raise WrongInput(f"url cannot be reached from here: {refused.reason}") from None
