"""Running the service under uvicorn: signals, and an orderly end."""

import asyncio
import gc
import os
import resource
import signal
import socket
from types import FrameType

import uvicorn

from reelhook.app import Service
from reelhook.cli.guarded import guarded
from reelhook.cli.sockets import BACKLOG

GRACE_S = 10
CLOSE = (b"connection", b"close")
KEEP_ALIVE_S = 75  # longer than the 60 s of usual proxies, so that they and not we close idle connections
TOGETHER_S = 1.0  # a service manager and our own supervisor may both pass on one wish to end
SPARE_DESCRIPTORS = 200
YOUNG_OBJECTS = 10_000  # so many new ones before Python looks for cycles among them; by itself it takes some hundreds


class Server(uvicorn.Server):
    """A uvicorn server that drains before it ends, says goodbye before it waits, and stops the service at last.

    After the first SIGTERM it goes on serving for DRAIN_S; any other signal, or one more, ends it now. Open streams
    would block uvicorn's shutdown for ever; so they are ended in the moment in which it begins.
    """

    def __init__(self, service: Service) -> None:
        own = {"loop": "uvloop", "backlog": BACKLOG, "timeout_keep_alive": KEEP_ALIVE_S}
        super().__init__(guarded(service.asgi, GRACE_S, _most_connections(), **own))
        self._service = service
        self._loop = asyncio.get_running_loop()
        self._watching: asyncio.Task[None] | None = None
        self._drained: asyncio.TimerHandle | None = None
        self._drain_began = 0.0

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._loop.call_soon_threadsafe(self._told, sig)

    def _told(self, sig: int) -> None:
        if sig != signal.SIGTERM or self.should_exit:
            self._end(sig)
        elif self._drained is None:
            self._drain_began = self._loop.time()
            self._drained = self._loop.call_later(self._service.drain(), self._end, sig)
            self._close_connections_after_use()
        elif self._loop.time() - self._drain_began > TOGETHER_S:
            self._end(sig)

    def _end(self, sig: int) -> None:
        self._forget_drain()
        self._service.begin_stop()
        super().handle_exit(sig, None)

    def _forget_drain(self) -> None:
        if self._drained is not None:
            self._drained.cancel()

    def _close_connections_after_use(self) -> None:
        """A proxy that keeps connections open would send a request into one just as it is closed."""
        self.config.encoded_headers.append(CLOSE)
        self.server_state.default_headers = [*self.server_state.default_headers, CLOSE]

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._service.start()
        self._watching = asyncio.create_task(self._give_up_with_it(), name="give-up")
        await super().startup(sockets)
        # What is there now stays: to look through it again and again was a quarter of what opening a stream cost.
        gc.freeze()
        gc.set_threshold(YOUNG_OBJECTS)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # All the tidying is done here: after a signal uvicorn raises it once more, and that ends the process.
        files = [listener.getsockname() for listener in sockets or () if listener.family == socket.AF_UNIX]
        self._forget_drain()
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


def _most_connections() -> int:
    """As many connections as the process may hold open files, less what it needs itself."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return max(100, min(hard, 100_000) - SPARE_DESCRIPTORS)
