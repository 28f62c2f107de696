"""What a worker serves beside its work: its numbers, and whether it lives."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager, contextmanager

import uvicorn
from starlette.types import ASGIApp

from reelhook import logs
from reelhook.cli.guarded import guarded
from reelhook.cli.sockets import tcp_socket

GRACE_S = 2  # a scrape may be on its way
MOST_CONNECTIONS = 100

log = logs.get("worker")


class _Beside(uvicorn.Server):
    """One that leaves the signals to the work it stands beside."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def served(app: ASGIApp, address: str | None) -> AsyncGenerator[list[asyncio.Task[None]]]:
    """Serve *app* at *address* within; nothing where that is None. A task that ends by itself has broken down.

    Raises *WrongSetting* when the address cannot be had.
    """
    if address is None:
        yield []
        return
    host, _, port = address.rpartition(":")
    listener = tcp_socket(host.strip("[]"), int(port))
    server = _Beside(guarded(app, GRACE_S, MOST_CONNECTIONS))
    serving = asyncio.create_task(server.serve([listener]), name="operations")
    log.info("serving", address=address)
    try:
        yield [serving]
    finally:
        server.should_exit = True
        await serving
