"""The sockets that the service listens on."""

import os
import socket
from collections.abc import Sequence
from pathlib import Path

from reelhook.errors import WrongSetting

BACKLOG = 2048


def tcp_socket(host: str, port: int) -> socket.socket:
    """A bound socket. Raises *WrongSetting* when the address cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except (OSError, OverflowError) as error:
        listener.close()
        raise WrongSetting(f"cannot listen on {host}:{port}: {getattr(error, 'strerror', None) or error}") from None
    listener.set_inheritable(True)
    return listener


def unix_socket(path: Path) -> socket.socket:
    """A bound Unix socket that only this user can open; a leftover of a dead process is replaced.

    Raises *WrongSetting*; the likely reason is a path of more than a hundred characters.
    """
    listener = socket.socket(socket.AF_UNIX)
    before = os.umask(0o177)
    try:
        path.unlink(missing_ok=True)
        listener.bind(str(path))
    except OSError as error:
        listener.close()
        raise WrongSetting(f"cannot listen on {path}: {error.strerror or error}") from None
    finally:
        os.umask(before)
    return listener


def addresses(sockets: Sequence[socket.socket]) -> list[str]:
    """Where a browser reaches the TCP sockets among *sockets*."""
    names = [listener.getsockname() for listener in sockets if listener.family != socket.AF_UNIX]
    shown = [("localhost" if name[0] in ("0.0.0.0", "::") else name[0], name[1]) for name in names]  # noqa: S104
    return [f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}" for host, port in shown]
