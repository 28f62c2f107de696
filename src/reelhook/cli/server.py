"""Running the service under uvicorn: sockets, signals, and an orderly end."""

import asyncio
import os
import resource
import socket
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

import uvicorn

from reelhook.app import Service
from reelhook.errors import WrongSetting
from reelhook.kit.protocol import GuardedProtocol

GRACE_S = 10
KEEP_ALIVE_S = 75  # longer than the 60 s of usual proxies, so that they and not we close idle connections
BACKLOG = 2048
SPARE_DESCRIPTORS = 200


class Server(uvicorn.Server):
    """A uvicorn server that says goodbye before it waits, and stops the service once the last request has ended.

    Open streams would block uvicorn's shutdown for ever; so they are ended in the moment the signal comes.
    """

    def __init__(self, service: Service) -> None:
        super().__init__(
            uvicorn.Config(
                service.asgi,
                http=GuardedProtocol,
                loop="uvloop",
                interface="asgi3",
                lifespan="off",
                ws="none",
                access_log=False,
                log_config=None,
                proxy_headers=False,
                server_header=False,
                backlog=BACKLOG,
                timeout_keep_alive=KEEP_ALIVE_S,
                timeout_graceful_shutdown=GRACE_S,
                limit_concurrency=_most_connections(),
            )
        )
        self._service = service
        self._loop = asyncio.get_running_loop()
        self._watching: asyncio.Task[None] | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._loop.call_soon_threadsafe(self._service.begin_stop)
        super().handle_exit(sig, frame)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._service.start()
        self._watching = asyncio.create_task(self._give_up_with_it(), name="give-up")
        await super().startup(sockets)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # All the tidying is done here: after a signal uvicorn raises it once more, and that ends the process.
        files = [listener.getsockname() for listener in sockets or () if listener.family == socket.AF_UNIX]
        self._service.begin_stop()
        await super().shutdown(sockets)
        await self._service.stop()
        for file in files:
            os.unlink(file)
        if self._watching is not None:
            self._watching.cancel()

    async def _give_up_with_it(self) -> None:
        await self._service.gave_up.wait()
        self.should_exit = True


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


def _most_connections() -> int:
    """As many connections as the process may hold open files, less what it needs itself."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return max(100, min(hard, 100_000) - SPARE_DESCRIPTORS)
