"""A server for one command, when no other runs: the API at a Unix socket in a folder of its own."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from reelhook.app import Service
from reelhook.cli.owning import complete
from reelhook.cli.server import Server
from reelhook.cli.sockets import unix_socket
from reelhook.errors import Unavailable
from reelhook.settings import Settings

OPEN_LIMIT_S = 10.0


@asynccontextmanager
async def serving(config: Settings) -> AsyncIterator[Path]:
    """The address of its socket. Only for who has the lock. Raises *Unavailable*, or what stopped it."""
    complete(config)
    with tempfile.TemporaryDirectory(prefix="reelhook-") as folder:
        path = Path(folder) / "api.sock"
        service = Service(config, works=False, serves=False)
        server = Server(service)
        work = asyncio.create_task(server._serve([unix_socket(path)]), name="local-api")  # without its signal handlers
        try:
            opened = asyncio.create_task(service.opened.wait(), name="opened")
            await asyncio.wait({work, opened}, timeout=OPEN_LIMIT_S, return_when=asyncio.FIRST_COMPLETED)
            opened.cancel()
            if not service.opened.is_set():
                raise service.failed or Unavailable("the database cannot be reached")
            yield path
        finally:
            server.should_exit = True
            await work
