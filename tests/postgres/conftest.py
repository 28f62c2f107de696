"""The servers that Reelhook is used with: the newest Postgres, the oldest one that is tested, and pgbouncer."""

import atexit
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
import pytest

from reelhook.db import Database
from tests.servers import TEMPLATE, Postgres, postgres, running

__all__ = ["postgres"]

OLDEST = Path("/usr/lib/postgresql/15/bin")
POOL = 3  # server connections: fewer than one of our processes would like to have
START_S = 20.0
# `trust` and no TLS: it is on this machine, for this test.
CONFIG = """
[databases]
* = host=127.0.0.1 port={server}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = trust
auth_file = {folder}/users
pool_mode = transaction
default_pool_size = {pool}
max_client_conn = 200
"""


@cache
def pooled(server: Postgres, program: str) -> int:
    """The port of a pgbouncer before *server*; it ends with this process. It refuses to run as root."""
    folder = Path(tempfile.mkdtemp(prefix="reelhook-pgbouncer-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    (folder / "users").write_text('"postgres" ""\n')
    (folder / "ini").write_text(CONFIG.format(server=server.port, port=port, folder=folder, pool=POOL))
    as_nobody: dict[str, Any] = {}
    if os.geteuid() == 0:
        as_nobody = {"user": "nobody", "group": "nogroup", "extra_groups": []}
        for path in (folder, *folder.iterdir()):
            shutil.chown(path, "nobody", "nogroup")
    process = subprocess.Popen(
        [program, str(folder / "ini")],
        cwd="/",
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        **as_nobody,
    )
    atexit.register(process.wait)
    atexit.register(process.send_signal, signal.SIGKILL)
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        assert process.poll() is None, "pgbouncer ended at once"
        with suppress(psycopg.OperationalError), psycopg.connect(f"postgresql://postgres@127.0.0.1:{port}/postgres"):
            return port
        time.sleep(0.02)
    raise AssertionError("pgbouncer did not start")


class Server:
    """Makes databases, and says under which address our processes are to use them."""

    def __init__(self, own: Postgres, port: int) -> None:
        self._own, self._port = own, port

    def create(self, template: str = TEMPLATE) -> str:
        return self._own.create(template).replace(f":{self._own.port}/", f":{self._port}/")


@pytest.fixture(params=["18", "15", "pgbouncer"])
def server(request: pytest.FixtureRequest) -> Server:
    if request.param == "15":
        if not (OLDEST / "postgres").exists():
            pytest.skip("no Postgres 15 here: apt-get install postgresql-15 brings one on Debian 12")
        oldest = running(OLDEST)
        return Server(oldest, oldest.port)
    newest: Postgres = request.getfixturevalue("postgres")
    if request.param == "18":
        return Server(newest, newest.port)
    program = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None:
        pytest.skip("no pgbouncer here: apt-get install pgbouncer")
    return Server(newest, pooled(newest, program))


@pytest.fixture
def process(server: Server) -> Iterator[Callable[[], Database]]:
    """Each call opens the same database once more, as another process would."""
    url = server.create()
    opened: list[Database] = []

    def open_() -> Database:
        opened.append(Database(url))
        return opened[-1]

    yield open_
    for database in opened:
        database.close()
